// The command line as data: a table of commands with their options, one parser, one help writer. An option
// that takes a value always takes the next word, whatever it looks like. Main thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ow::app {

/// Process exit codes: yes or done, no or refused, usage or unreadable input, server unreachable.
enum class Exit : int { done = 0, refused = 1, usage = 2, unreachable = 3 };

struct OptionSpec {
  std::string name;   // without dashes
  std::string value;  // placeholder in the help; empty: a flag
  std::string help;
  bool required = false;
};

struct ArgumentSpec {
  std::string name;
  std::string help;
  /// Takes its word whatever it looks like, unless that is an option of the command.
  bool any_text = false;
};

/// What the user typed, checked against the command's table.
class Invocation {
 public:
  std::optional<std::string> option(std::string_view name) const;
  std::string option_or(std::string_view name, std::string_view otherwise) const;
  /// All values of an option that was given more than once, in order.
  std::vector<std::string> options(std::string_view name) const;
  bool flag(std::string_view name) const { return options_.contains(std::string(name)); }
  const std::string& argument(std::size_t index) const { return arguments_.at(index); }
  bool json() const { return flag("json"); }

 private:
  friend class CommandLine;
  std::map<std::string, std::vector<std::string>> options_;
  std::vector<std::string> arguments_;
};

struct CommandSpec {
  std::string name;  // "order place"
  std::string summary;
  std::vector<ArgumentSpec> arguments;
  std::vector<OptionSpec> options;
  std::function<Exit(const Invocation&)> run;
};

class CommandLine {
 public:
  explicit CommandLine(std::vector<CommandSpec> commands) : commands_(std::move(commands)) {}

  /// Runs the command that `words` (without the program's name) ask for. Usage errors go to standard error
  /// and answer Exit::usage; --help goes to standard output.
  Exit run(const std::vector<std::string>& words) const;

 private:
  const CommandSpec* find(const std::vector<std::string>& words, std::size_t& used) const;
  std::optional<Invocation> parse(const CommandSpec& command, const std::vector<std::string>& words) const;

  std::vector<CommandSpec> commands_;
};

/// Contents of a file; `-` reads standard input to its end. Error malformed naming file and cause.
base::Result<std::string> read_input(const std::string& file);

/// Prints `orderwright: message` to standard error.
void complain(std::string_view message);

/// Prints an error and its violations; with `json` as one JSON object on standard output.
void complain(const base::Error& error, bool json);

}  // namespace ow::app
