// The examples of docs/webhooks.md verify a delivery as they stand there, and refuse a forged one.
#include <gmock/gmock.h>

#include <fstream>

#include "app/binary.h"
#include "base/encoding.h"
#include "http/standard_webhooks.h"

namespace ow::tests {
namespace {

constexpr base::Instant kAt{1'767'225'600'000'000};

/// The first block of the page in that language.
std::string example(const std::string& language) {
  const auto page = read_file(std::string(OW_SOURCE_DIR) + "/docs/webhooks.md");
  const auto begin = page.find("```" + language + "\n");
  EXPECT_NE(begin, std::string::npos);
  const auto first = begin + language.size() + 4;
  return page.substr(first, page.find("```", first) - first);
}

class WebhookExamples : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) const {
    const auto path = directory_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  int run(const std::vector<std::string>& words) const {
    return Process::start(words, directory_.path() + "/log").wait();
  }
  std::string log() const { return read_file(directory_.path() + "/log"); }
  std::string signature(const std::string& body) const {
    const std::vector<http::standard_webhooks::SigningSecret> secrets{
        http::standard_webhooks::SigningSecret::parse(secret_).value()};
    return http::standard_webhooks::sign(secrets, "evt_1", kAt, body);
  }

  TemporaryDirectory directory_;
  const std::string body_ = R"({"type":"order.completed","total":9.90})";
  const std::string secret_ = http::standard_webhooks::SigningSecret::text_of(std::string(32, 'k'));
};

TEST_F(WebhookExamples, NodeTellsGenuineFromForged) {
  const auto script = file("verify.js", "Date.now = () => 1767225600000;\n" + example("js") + R"js(
const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': '1767225600', 'webhook-signature': process.argv[3] };
const right = isGenuine(process.argv[2], headers, Buffer.from(process.argv[4]));
const forged = isGenuine(process.argv[2], headers, Buffer.from(process.argv[4] + ' '));
process.exit(right && !forged ? 0 : 1);
)js");
  EXPECT_EQ(run({"node", script, secret_, signature(body_), body_}), 0) << log();
}

TEST_F(WebhookExamples, PythonTellsGenuineFromForged) {
  const auto script = file("verify.py", example("python") + R"py(
import sys
time.time = lambda: 1767225600
headers = {"webhook-id": "evt_1", "webhook-timestamp": "1767225600", "webhook-signature": sys.argv[2]}
right = is_genuine(sys.argv[1], headers, sys.argv[3].encode())
forged = is_genuine(sys.argv[1], headers, sys.argv[3].encode() + b" ")
sys.exit(0 if right and not forged else 1)
)py");
  EXPECT_EQ(run({"python3", script, secret_, signature(body_), body_}), 0) << log();
}

TEST_F(WebhookExamples, TheShellMakesTheSameSignature) {
  file("body", body_);
  const auto page = read_file(std::string(OW_SOURCE_DIR) + "/docs/webhooks.md");
  const auto begin = page.find("key=$(printf");
  const auto lines = page.substr(begin, page.find("age=$((", begin) - begin);
  const auto script = file("sign.sh", "cd " + directory_.path() + "\nSECRET=" + secret_ +
                                          "\nID=evt_1\nTIMESTAMP=1767225600\n" + lines + "printf %s \"$expected\"\n");
  EXPECT_EQ(run({"bash", script}), 0);
  EXPECT_EQ(log(), signature(body_));
}

}  // namespace
}  // namespace ow::tests
