// One who calls the platform from a machine of their own in the simulated world: what every workload's clients do
// alike. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "sim/world/world.h"

namespace ow::sim {

inline constexpr const char* kPlatformUrl = "http://platform";
inline constexpr const char* kGatewayUrl = "http://gateway";

class Client {
 public:
  /// The world must outlive this. `luck` names the client's own source of randomness.
  Client(SimWorld& world, std::string_view machine, std::string_view luck)
      : world_(world), machine_(world, machine), process_(world, machine_), random_(world.random.fork(luck)) {}

  SimExecutor& executor() { return process_.executor; }
  SimRandom& random() { return random_; }

  /// Nothing when the request or its answer was lost.
  base::Task<std::optional<platform::HttpAnswer>> ask(platform::HttpRequest request);
  /// A moment, before something is asked again.
  base::Task<void> pause();
  /// The access token; tries until it is answered.
  base::Task<std::string> sign_in(std::string user, std::string password);

 private:
  SimWorld& world_;
  SimMachine machine_;
  SimProcess process_;
  SimRandom random_;
};

}  // namespace ow::sim
