// See password.h.
#include "app/password.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace ow::app {
namespace {

std::string without_line_break(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

base::Result<std::string> prompt() {
  termios shown{};
  if (::isatty(STDIN_FILENO) == 0 || ::tcgetattr(STDIN_FILENO, &shown) != 0) {
    return base::fail(base::ErrorCode::malformed, "no_password",
                      "there is no password: give --password-file FILE or OW_PASSWORD, or run it on a terminal");
  }
  termios hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  fmt::print(stderr, "Password: ");
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  std::string password;
  std::getline(std::cin, password);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  fmt::print(stderr, "\n");
  return password;
}

}  // namespace

std::vector<OptionSpec> password_options() {
  return {{"password-file", "FILE", "the password; - reads standard input (else OW_PASSWORD, else a prompt)"}};
}

base::Result<std::string> read_password(const Invocation& invocation) {
  if (const auto file = invocation.option("password-file")) {
    auto text = read_input(*file);
    return text ? base::Result<std::string>(without_line_break(std::move(*text))) : text;
  }
  if (const char* value = std::getenv("OW_PASSWORD")) return std::string(value);
  return prompt();
}

}  // namespace ow::app
