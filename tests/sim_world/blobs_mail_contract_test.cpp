// The contracts of Blobs and Mailer over their simulated twins.
#include "contracts/blobs_contract.h"
#include "contracts/mailer_contract.h"
#include "sim/world/memory_blobs.h"
#include "sim/world/sim_mail.h"
#include "sim/world/world.h"

namespace ow::contracts {
namespace {

class MemoryBlobsRig final : public BlobsRig {
 public:
  platform::Blobs& blobs() override { return blobs_; }
  void run(base::Task<void> task) override {
    auto done = task.operator co_await();
    done.await_suspend(std::noop_coroutine()).resume();
  }
  void open_again() override {}

 private:
  sim::MemoryBlobs blobs_;
};

sim::MailFault fate_of(const OutgoingMail& mail) {
  if (mail.recipient.starts_with("refuse")) return sim::MailFault::refused;
  if (mail.recipient.starts_with("later")) return sim::MailFault::postponed;
  if (mail.recipient.starts_with("silent")) return sim::MailFault::reply_lost;
  return sim::MailFault::none;
}

class SimMailerRig final : public MailerRig {
 public:
  SimMailerRig() { server_.set_fate(fate_of); }
  platform::Mailer& mailer() override { return mailer_; }
  void run(base::Task<void> task) override {
    bool done = false;
    process_.executor.spawn(tell(std::move(task), done));
    world_.scheduler.run_until([&] { return done; });
  }
  std::vector<std::string> taken() override {
    std::vector<std::string> all;
    for (const auto& taken : server_.taken()) all.push_back(taken.mail.bytes);
    return all;
  }

 private:
  static base::Task<void> tell(base::Task<void> task, bool& done) {
    co_await task;
    done = true;
  }

  sim::SimWorld world_{1};
  sim::SimMachine machine_{world_, "platform"};
  sim::SimProcess process_{world_, machine_};
  sim::SimMailServer server_{world_.clock, world_.random.fork("mail"), world_.history};
  sim::SimMailer mailer_{server_, process_.executor};
};

INSTANTIATE_TEST_SUITE_P(Sim, BlobsContract, testing::Values(std::pair("memory", MakeBlobs([] {
                                                                         return std::make_unique<MemoryBlobsRig>();
                                                                       }))));
INSTANTIATE_TEST_SUITE_P(Sim, MailerContract, testing::Values(std::pair("sim", MakeMailer([] {
                                                                          return std::make_unique<SimMailerRig>();
                                                                        }))));

}  // namespace
}  // namespace ow::contracts
