// The program: words of the command line to a command and its exit code.
#include <csignal>
#include <exception>

#include "app/commands/commands.h"

int main(int argc, char** argv) {
  // A closed pipe is an error of that write, never the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const ow::app::CommandLine line(ow::app::all_commands());
    return static_cast<int>(line.run({argv + 1, argv + argc}));
  } catch (const std::exception& failure) {
    ow::app::complain(failure.what());
    return static_cast<int>(ow::app::Exit::refused);
  }
}
