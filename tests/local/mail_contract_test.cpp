// The contracts of Mailer over the outbox and over SMTP with a real server, and of Blobs over files.
#include <filesystem>
#include <fstream>

#include <boost/asio/io_context.hpp>

#include "contracts/blobs_contract.h"
#include "contracts/mailer_contract.h"
#include "harness/process.h"
#include "local/asio_executor.h"
#include "local/file_blobs.h"
#include "local/outbox_mailer.h"
#include "local/smtp_mailer.h"
#include "tests/local/smtp_peer.h"

namespace ow::contracts {
namespace {

using namespace std::chrono_literals;
using base::Json;

base::Task<void> tell(base::Task<void> task, bool& done) {
  co_await task;
  done = true;
}

void run_on(local::AsioExecutor& executor, base::Task<void> task) {
  bool done = false;
  executor.spawn(tell(std::move(task), done));
  while (!done) executor.loop().run_one();
}

class FileBlobsRig final : public BlobsRig {
 public:
  platform::Blobs& blobs() override { return *blobs_; }
  void run(base::Task<void> task) override { run_on(executor_, std::move(task)); }
  void open_again() override { blobs_ = std::make_unique<local::FileBlobs>(executor_, folder_.path() + "/blobs"); }

 private:
  tests::TemporaryDirectory folder_;
  local::AsioExecutor executor_;
  std::unique_ptr<local::FileBlobs> blobs_ = std::make_unique<local::FileBlobs>(executor_, folder_.path() + "/blobs");
};

class OutboxRig final : public MailerRig {
 public:
  platform::Mailer& mailer() override { return mailer_; }
  void run(base::Task<void> task) override { run_on(executor_, std::move(task)); }
  bool may_refuse() const override { return false; }
  std::vector<std::string> taken() override {
    std::vector<std::string> all;
    std::error_code none;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path() + "/outbox", none))
      all.push_back(tests::read_file(file.path()));
    return all;
  }

 private:
  tests::TemporaryDirectory folder_;
  local::AsioExecutor executor_;
  local::OutboxMailer mailer_{executor_, folder_.path() + "/outbox"};
};

class SmtpRig final : public MailerRig {
 public:
  SmtpRig() {
    local::SmtpOptions options;
    options.url = "smtp+plain://127.0.0.1:" + std::to_string(peer_.port());
    options.timeout = 2s;
    options.connections_max = 1;
    mailer_ = local::SmtpMailer::make(executor_, options).value();
  }
  platform::Mailer& mailer() override { return *mailer_; }
  void run(base::Task<void> task) override { run_on(executor_, std::move(task)); }
  std::vector<std::string> taken() override {
    std::vector<std::string> all;
    for (const auto& mail : peer_.taken()) all.emplace_back(*mail.string_at("raw"));
    return all;
  }

 private:
  static Json plan() {
    auto silent = local::rule_at("end", 0, "", "silent@");
    silent.set("accept", true);
    return Json::object({{"rules", Json::array({local::rule_at("rcpt", 550, "5.1.1 no such mailbox", "refuse@"),
                                                local::rule_at("end", 451, "4.7.1 greylisted", "later@"), silent})}});
  }

  local::SmtpPeer peer_{plan()};
  local::AsioExecutor executor_;
  std::unique_ptr<local::SmtpMailer> mailer_;
};

INSTANTIATE_TEST_SUITE_P(Local, BlobsContract, testing::Values(std::pair("file", MakeBlobs([] {
                                                                           return std::make_unique<FileBlobsRig>();
                                                                         }))));
INSTANTIATE_TEST_SUITE_P(Local, MailerContract,
                         testing::Values(std::pair("outbox", MakeMailer([] { return std::make_unique<OutboxRig>(); })),
                                         std::pair("smtp", MakeMailer([] { return std::make_unique<SmtpRig>(); }))));

}  // namespace
}  // namespace ow::contracts
