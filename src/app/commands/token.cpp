// `token` signs in at a server; `token verify` judges a token offline.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/demo.h"
#include "app/now_option.h"
#include "app/password.h"
#include "identity/claims.h"

namespace ow::app {
namespace {

base::Result<std::string> password_of(const Invocation& invocation, const std::string& user) {
  const auto demo = demo_password(user);
  const bool given = invocation.flag("password-file") || std::getenv("OW_PASSWORD") != nullptr;
  if (demo && !given) return *demo;
  return read_password(invocation);
}

Exit sign_in(const Invocation& invocation) {
  const auto user = *invocation.option("user");
  const auto password = password_of(invocation, user);
  if (!password) {
    complain(password.error(), invocation.json());
    return Exit::usage;
  }
  const auto answer = ApiClient(invocation)
                          .call({.method = "POST",
                                 .path = "/api/auth/sign-in",
                                 .body = base::Json::object({{"username", user}, {"password", *password}})});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
  } else {
    fmt::print("{}\n", answer->string_at("accessToken").value_or(""));
  }
  return Exit::done;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

std::optional<identity::TokenUse> use_of(const std::string& text) {
  if (text == "access") return identity::TokenUse::access;
  if (text == "id") return identity::TokenUse::id;
  return std::nullopt;
}

Exit unusable(const std::string& what) {
  complain(what);
  return Exit::usage;
}

Exit verify(const Invocation& invocation) {
  const auto use = use_of(*invocation.option("use"));
  if (!use) return unusable("--use must be access or id");
  const auto now = now_of(invocation);
  if (!now) return unusable(now.error().message);
  const auto jwks = read_input(*invocation.option("jwks"));
  if (!jwks) return unusable(jwks.error().message);
  auto token = invocation.argument(0);
  if (token == "-") {
    const auto input = read_input("-");
    if (!input) return unusable(input.error().message);
    token = trimmed(*input);
  }
  const identity::Expectations expected{*invocation.option("issuer"), *invocation.option("client-id"), *use};
  const auto claims = identity::verify_token(*jwks, expected, *now, token);
  if (!claims) {
    complain(claims.error(), invocation.json());
    // Error malformed is about the key set; whatever a token's text is, it is refused.
    return claims.error().code == base::ErrorCode::malformed ? Exit::usage : Exit::refused;
  }
  fmt::print("{}\n", base::to_text(*claims));
  return Exit::done;
}

}  // namespace

std::vector<CommandSpec> token_commands() {
  auto sign_in_options =
      client_options({{"user", "NAME", "the login name (the demo users' passwords are known)", true}});
  for (auto& option : password_options()) sign_in_options.push_back(std::move(option));
  return {
      {"token", "Sign in and print the access token, and nothing else.", {}, std::move(sign_in_options), sign_in},
      {"token verify",
       "Verify a token offline against a key set.",
       {{"TOKEN", "the token; - reads standard input", true}},
       {{"jwks", "FILE", "the key set (JWKS); - reads standard input", true},
        {"issuer", "I", "the expected iss", true},
        {"client-id", "C", "the expected client_id or aud", true},
        {"use", "access|id", "what the token is for", true},
        now_option()},
       verify},
  };
}

}  // namespace ow::app
