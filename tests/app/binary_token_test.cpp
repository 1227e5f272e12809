// `token` and `token verify` as processes: what they print and with which code they end.
#include <gmock/gmock.h>

#include "app/binary.h"

namespace ow::tests {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class TokenTest : public SharedServerTest {
 protected:
  static std::string sign_in() { return server().token_of("demo-shopper"); }
  std::string jwks() { return file("jwks.json", server().send("GET", "/.well-known/jwks.json", "", "").body); }
  Outcome verify(const std::string& token, const std::vector<std::string>& more = {}, const std::string& input = {}) {
    std::vector<std::string> words = {"token",        "verify",      "--jwks",      jwks(),  "--issuer",
                                      server().url(), "--client-id", "orderwright", "--use", "access"};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(token);
    return run_binary(words, {.input = input});
  }
};

TEST_F(TokenTest, prints_the_access_token_and_nothing_else) {
  const auto signed_in = run_binary({"token", "--server", server().url(), "--user", "demo-shopper"});
  EXPECT_EQ(signed_in.exit, 0);
  EXPECT_THAT(signed_in.err, IsEmpty());
  EXPECT_THAT(signed_in.out, StartsWith("ey"));
  EXPECT_EQ(signed_in.out.find('\n'), signed_in.out.size() - 1);
}

TEST_F(TokenTest, json_is_the_whole_answer) {
  const auto signed_in = run_binary({"token", "--server", server().url(), "--user", "demo-shopper", "--json"});
  EXPECT_EQ(text_of(signed_in.json(), "tokenType"), "Bearer");
  EXPECT_EQ(signed_in.json().integer_at("expiresIn"), 3600);
}

TEST_F(TokenTest, a_wrong_password_is_refused_wherever_it_comes_from) {
  const std::vector<std::string> words = {"token", "--server", server().url(), "--user", "demo-operator"};
  EXPECT_EQ(run_binary(words, {.environment = {"OW_PASSWORD=wrong-password"}}).exit, 1);
  auto with_file = words;
  with_file.insert(with_file.end(), {"--password-file", "-"});
  const auto refused = run_binary(with_file, {.input = "-wrong-password\n"});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.out, IsEmpty());
  EXPECT_EQ(run_binary(with_file, {.input = "operator-demo-password\n"}).exit, 0);
}

TEST_F(TokenTest, a_user_without_a_known_password_needs_one) {
  const auto refused = run_binary({"token", "--server", server().url(), "--user", "somebody"});
  EXPECT_EQ(refused.exit, 2);
  EXPECT_THAT(refused.err, HasSubstr("--password-file"));
}

TEST_F(TokenTest, verify_answers_the_claims_of_the_servers_own_token) {
  const auto verified = verify(sign_in());
  EXPECT_EQ(verified.exit, 0) << verified.err;
  EXPECT_EQ(text_of(verified.json(), "username"), "demo-shopper");
  EXPECT_EQ(text_of(verified.json(), "iss"), server().url());
}

TEST_F(TokenTest, verify_reads_token_and_key_set_from_standard_input) {
  EXPECT_EQ(verify("-", {}, sign_in() + "\n").exit, 0);
  EXPECT_EQ(verify("-", {}, sign_in() + "\r\n").exit, 0);
  const auto keys = read_file(jwks());
  EXPECT_EQ(run_binary({"token", "verify", "--jwks", "-", "--issuer", server().url(), "--client-id", "orderwright",
                        "--use", "access", sign_in()},
                       {.input = keys})
                .exit,
            0);
}

TEST_F(TokenTest, verify_refuses_what_is_not_expected_with_a_reason) {
  const auto token = sign_in();
  // A repeated option counts as given last.
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--issuer", "http://other"}, "iss"},
      {{"--issuer", ""}, "iss"},
      {{"--issuer", "-x"}, "iss"},
      {{"--client-id", "other"}, "client_id"},
      {{"--client-id", "--json"}, "client_id"},
      {{"--use", "id"}, "token_use"},
      {{"--now", "99999999999"}, "exp"},
      {{"--now", "0"}, ""},
  };
  for (const auto& [options, why] : cases) {
    const auto refused = verify(token, options);
    EXPECT_EQ(refused.exit, 1) << options[0] << " " << options[1];
    EXPECT_THAT(refused.err, HasSubstr(why));
    EXPECT_THAT(refused.out, IsEmpty());
  }
}

TEST_F(TokenTest, verify_ends_with_the_second_of_exp) {
  const auto expires = *verify(sign_in()).json().integer_at("exp");
  EXPECT_EQ(verify(sign_in(), {"--now", std::to_string(expires - 1)}).exit, 0);
  EXPECT_EQ(verify(sign_in(), {"--now", std::to_string(expires)}).exit, 1);
}

TEST_F(TokenTest, verify_refuses_any_garbage_with_1) {
  const auto token = sign_in();
  auto forged = token;
  forged[token.size() - 10] = forged[token.size() - 10] == 'A' ? 'B' : 'A';
  const std::string garbage[] = {"",
                                 "x",
                                 "..",
                                 "a.b.c",
                                 "eyJ9.e30.",
                                 std::string(20'000, 'a'),
                                 "\xff\xfe",
                                 " ",
                                 "\n.",
                                 "{}.{}.{}",
                                 token + ".x",
                                 token + " ",
                                 " " + token,
                                 forged,
                                 "-ab",
                                 "----",
                                 std::string("a\0b", 3),
                                 "eyJhbGciOiJub25lIn0.e30."};
  for (const auto& text : garbage) {
    const auto refused = verify("-", {}, text);
    EXPECT_EQ(refused.exit, 1) << text;
    EXPECT_THAT(refused.err, StartsWith("orderwright: "));
  }
  EXPECT_EQ(verify("").exit, 1);
  EXPECT_EQ(verify("-x").exit, 1);
  EXPECT_EQ(run_binary({"token", "verify", "--jwks", jwks(), "--issuer", "", "--client-id", "", "--use", "access", "--",
                        "--x"})
                .exit,
            1);
}

TEST_F(TokenTest, verify_says_2_when_it_cannot_judge) {
  const auto token = sign_in();
  EXPECT_EQ(verify(token, {"--jwks", path("none")}).exit, 2);
  EXPECT_EQ(verify(token, {"--jwks", directory.path()}).exit, 2);
  EXPECT_EQ(verify(token, {"--jwks", file("bad.json", "{")}).exit, 2);
  EXPECT_EQ(verify(token, {"--use", "refresh"}).exit, 2);
  EXPECT_EQ(verify(token, {"--now", "soon"}).exit, 2);
  EXPECT_EQ(verify(token, {"--now", ""}).exit, 2);
  EXPECT_EQ(run_binary({"token", "verify", "--jwks", jwks(), token}).exit, 2);
}

TEST_F(TokenTest, verify_refuses_as_json_too) {
  const auto refused = verify("x.y", {"--json"});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_FALSE(text_of(refused.json(), "error").empty());
  EXPECT_THAT(text_of(refused.json(), "message"), EndsWith("."));
}

}  // namespace
}  // namespace ow::tests
