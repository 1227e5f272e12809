// The contracts of Store, EventLog, Queues and QueueAdmin over the embedded engine on both key-value stores,
// and behind the weak decorators.
#include "contracts/event_log_contract.h"
#include "contracts/queue_admin_contract.h"
#include "contracts/queues_contract.h"
#include "contracts/store_contract.h"
#include "engine_node.h"
#include "weak_node.h"

namespace ow::contracts {
namespace {

std::unique_ptr<EnginePorts> on_memory() { return std::make_unique<engine::EngineNode>(); }
std::unique_ptr<EnginePorts> on_rocks() {
  return std::make_unique<engine::EngineNode>(1, std::make_unique<engine::RocksNodeDisk>());
}

const auto kEngines =
    testing::Values(std::pair("memory", MakePorts(on_memory)), std::pair("rocks", MakePorts(on_rocks)));

INSTANTIATE_TEST_SUITE_P(Engine, StoreContract, kEngines, name_of);
INSTANTIATE_TEST_SUITE_P(Engine, EventLogContract, kEngines, name_of);
INSTANTIATE_TEST_SUITE_P(Engine, QueuesContract, kEngines, name_of);
INSTANTIATE_TEST_SUITE_P(Engine, QueueAdminContract, kEngines, name_of);

const auto kWeak = testing::Values(std::pair("weak", MakePorts([] { return std::make_unique<engine::WeakNode>(); })));

INSTANTIATE_TEST_SUITE_P(Weak, StoreContract, kWeak, name_of);
INSTANTIATE_TEST_SUITE_P(Weak, EventLogContract, kWeak, name_of);
INSTANTIATE_TEST_SUITE_P(Weak, QueuesContract, kWeak, name_of);
INSTANTIATE_TEST_SUITE_P(Weak, QueueAdminContract, kWeak, name_of);

}  // namespace
}  // namespace ow::contracts
