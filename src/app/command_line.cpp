// See command_line.h.
#include "app/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/operator_codes.h"
#include "base/json.h"

namespace ow::app {
namespace {

const OptionSpec kJsonOption{"json", "", "print JSON instead of text for people"};
const OptionSpec kHelpOption{"help", "", "print this help"};

const OptionSpec* option_named(const CommandSpec& command, std::string_view name) {
  if (name == kJsonOption.name) return &kJsonOption;
  if (name == kHelpOption.name) return &kHelpOption;
  const auto found = std::ranges::find(command.options, name, &OptionSpec::name);
  return found == command.options.end() ? nullptr : &*found;
}

bool is_any_text(const CommandSpec& command, std::size_t argument, std::string_view word) {
  if (argument >= command.arguments.size() || !command.arguments[argument].any_text) return false;
  return option_named(command, word.substr(2, word.find('=') - 2)) == nullptr;
}

std::string usage_line(const CommandSpec& command) {
  std::string line = "orderwright " + command.name;
  for (const auto& option : command.options) {
    const auto shown = option.value.empty() ? "--" + option.name : fmt::format("--{} {}", option.name, option.value);
    line += option.required ? " " + shown : " [" + shown + "]";
  }
  for (const auto& argument : command.arguments) line += " " + argument.name;
  return line;
}

void print_option(const OptionSpec& option) {
  fmt::print("  {:<26} {}\n",
             option.value.empty() ? "--" + option.name : fmt::format("--{} {}", option.name, option.value),
             option.help);
}

void print_help(const CommandSpec& command) {
  fmt::print("{}\n\nUsage: {}\n\n", command.summary, usage_line(command));
  for (const auto& argument : command.arguments) fmt::print("  {:<26} {}\n", argument.name, argument.help);
  for (const auto& option : command.options) print_option(option);
  print_option(kJsonOption);
  print_option(kHelpOption);
}

void print_overview(const std::vector<CommandSpec>& commands) {
  fmt::print("Orderwright: an event-driven order and venue platform.\n\nUsage: orderwright COMMAND [options]\n\n");
  for (const auto& command : commands) fmt::print("  {:<18} {}\n", command.name, command.summary);
  fmt::print("\n`orderwright COMMAND --help` tells more. Exit: 0 done, 1 refused, 2 usage, 3 server unreachable.\n");
}

std::vector<std::string> split_words(const std::string& name) {
  std::istringstream in(name);
  return {std::istream_iterator<std::string>(in), {}};
}

bool wants_help(const std::vector<std::string>& words) {
  return words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help";
}

}  // namespace

std::optional<std::string> Invocation::option(std::string_view name) const {
  const auto found = options_.find(std::string(name));
  if (found == options_.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

std::string Invocation::option_or(std::string_view name, std::string_view otherwise) const {
  return option(name).value_or(std::string(otherwise));
}

std::vector<std::string> Invocation::options(std::string_view name) const {
  const auto found = options_.find(std::string(name));
  return found == options_.end() ? std::vector<std::string>{} : found->second;
}

const CommandSpec* CommandLine::find(const std::vector<std::string>& words, std::size_t& used) const {
  const CommandSpec* best = nullptr;
  used = 0;
  for (const auto& command : commands_) {
    const auto name = split_words(command.name);
    if (name.size() <= used || name.size() > words.size()) continue;
    if (!std::equal(name.begin(), name.end(), words.begin())) continue;
    best = &command;
    used = name.size();
  }
  return best;
}

std::optional<Invocation> CommandLine::parse(const CommandSpec& command, const std::vector<std::string>& words) const {
  Invocation invocation;
  const auto refuse = [&](const std::string& what) {
    complain(fmt::format("{}\nUsage: {}", what, usage_line(command)));
    return std::nullopt;
  };
  bool only_arguments = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--" && !only_arguments) {
      only_arguments = true;
      continue;
    }
    if (only_arguments || !word.starts_with("--") || is_any_text(command, invocation.arguments_.size(), word)) {
      invocation.arguments_.push_back(word);
      continue;
    }
    const auto equals = word.find('=');
    const auto name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const auto* option = option_named(command, name);
    if (option == nullptr) return refuse(fmt::format("unknown option --{}", name));
    auto& values = invocation.options_[name];
    if (option->value.empty()) {
      if (equals != std::string::npos) return refuse(fmt::format("--{} takes no value", name));
    } else if (equals != std::string::npos) {
      values.push_back(word.substr(equals + 1));
    } else if (++i < words.size()) {
      values.push_back(words[i]);
    } else {
      return refuse(fmt::format("--{} needs a value: {}", name, option->value));
    }
  }
  if (invocation.flag("help")) return invocation;
  for (const auto& option : command.options) {
    if (option.required && !invocation.flag(option.name)) return refuse(fmt::format("--{} is required", option.name));
  }
  if (invocation.arguments_.size() < command.arguments.size()) {
    return refuse(fmt::format("{} is missing", command.arguments[invocation.arguments_.size()].name));
  }
  if (invocation.arguments_.size() > command.arguments.size()) {
    return refuse(fmt::format("unexpected argument '{}'", invocation.arguments_[command.arguments.size()]));
  }
  return invocation;
}

Exit CommandLine::run(const std::vector<std::string>& words) const {
  if (wants_help(words)) {
    print_overview(commands_);
    return words.empty() ? Exit::usage : Exit::done;
  }
  std::size_t used = 0;
  const auto* command = find(words, used);
  if (command == nullptr) {
    complain(fmt::format("unknown command '{}'; `orderwright --help` lists them", words[0]));
    return Exit::usage;
  }
  const auto invocation = parse(*command, {words.begin() + static_cast<std::ptrdiff_t>(used), words.end()});
  if (!invocation) return Exit::usage;
  if (invocation->flag("help")) {
    print_help(*command);
    return Exit::done;
  }
  return command->run(*invocation);
}

base::Result<std::string> read_input(const std::string& file) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream in(file, std::ios::binary);
  // Reading a directory opens and then fails, so the first read decides too.
  if (!in || (in.peek() == std::ifstream::traits_type::eof() && in.bad())) {
    return base::fail(base::ErrorCode::malformed, "unreadable_input",
                      fmt::format("cannot read {}: {}", file, std::strerror(errno)));
  }
  text << in.rdbuf();
  return text.str();
}

void complain(std::string_view message) { fmt::print(stderr, "orderwright: {}\n", message); }

void complain(const base::Error& error, bool json) {
  if (!json) {
    const auto code = operator_code(error.reason);
    complain(code.empty() ? error.message : fmt::format("{} ({})", error.message, code));
    for (const auto& violation : error.violations) fmt::print(stderr, "  {}\n", violation);
    return;
  }
  base::Json::Array violations(error.violations.begin(), error.violations.end());
  auto object = base::Json::object({{"error", error.reason}, {"message", error.message}});
  if (const auto code = operator_code(error.reason); !code.empty()) object.set("code", code);
  if (!violations.empty()) object.set("violations", base::Json(std::move(violations)));
  fmt::print("{}\n", base::to_text(object));
}

}  // namespace ow::app
