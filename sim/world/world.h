// The simulated world in one place: a seed, time, a scheduler, a network, machines and processes. One thread.
//
// How to put a program into it (the platform, the payment gateway and the clients are processes of their own,
// so that killing one leaves the memory of the others):
//
//   SimWorld world(seed);
//   SimMachine machine(world, "platform");                       // what a crash leaves: disk, secrets
//   auto process = std::make_unique<SimProcess>(world, machine);  // what a crash takes: executor,
//   connections auto key_value = MemoryKeyValue::open(machine.disk).value(); auto engine =
//   EmbeddedEngine::open({*key_value, process->executor, world.clock, process->random, …}).value(); WeakStore
//   store(engine->store(), …);                          // optional: the weak half, weak_store.h
//   ... compose(ports) with process->http; world.network.serve("http://platform", process->executor, handler)
//   ... world.scheduler.run_until([&] { return all_done; }, {.until = 10min});
//
// A crash between two calls of the disk: plan it, run until End::halted, then take the process down in the
// order of its parts: whoever serves the network first, then executor (with all frames), then the rest.
//
//   machine.disk.after_call(DiskCall::append, 7, [&] { process->kill(machine); });
//   if (world.scheduler.run_until(done) == SimScheduler::End::halted) {
//     world.network.take_away("http://platform");
//     process.reset();  // frames go first: they refer to the engine
//     engine.reset();
//     key_value.reset();
//     machine.disk.crash(machine.random);
//     world.scheduler.run_for(1s);  // the others live on
//     ... open again ...
//   }
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/world/history.h"
#include "sim/world/memory_blobs.h"
#include "sim/world/memory_key_value.h"
#include "sim/world/memory_secrets.h"
#include "sim/world/plain_typesetter.h"
#include "sim/world/sim_clock.h"
#include "sim/world/sim_executor.h"
#include "sim/world/sim_mail.h"
#include "sim/world/sim_network.h"
#include "sim/world/sim_random.h"
#include "sim/world/sim_scheduler.h"
#include "sim/world/sim_telemetry.h"

namespace ow::sim {

/// What all processes share. Forks of `random` keep one part's draws apart from another's.
struct SimWorld {
  explicit SimWorld(std::uint64_t world_seed)
      : seed(world_seed),
        random(world_seed),
        scheduler(clock, random.fork("schedule"), history),
        network(random.fork("network"), history),
        mail_server(clock, random.fork("mail"), history) {}

  const std::uint64_t seed;
  SimRandom random;
  History history;
  SimClock clock;
  SimScheduler scheduler;
  SimNetwork network;
  SimMailServer mail_server;
};

/// What survives the death of a process. A process killed with the power on keeps all its appends
/// (disk.crash_keeping(disk.unsynced())), a power cut only a prefix (disk.crash(random)).
struct SimMachine {
  SimMachine(const SimWorld& world, std::string_view name) : random(world.random.fork(name)) {}

  SimRandom random;
  MemoryDisk disk;
  MemorySecrets secrets;
  MemoryBlobs blobs;
  SimTelemetry telemetry;
};

/// One life of a program on a machine.
struct SimProcess {
  SimProcess(SimWorld& world, SimMachine& machine)
      : random(machine.random.next()),
        executor(world.scheduler),
        http(world.network, executor),
        resolver(world.network, executor, world.clock),
        mailer(world.mail_server, executor),
        typesetter(executor) {}

  /// From now on nothing of this process has an effect; destroy it when the scheduler returns End::halted.
  void kill(SimMachine& machine) {
    machine.disk.power_off();
    executor.halt();
  }

  SimRandom random;
  SimExecutor executor;
  SimHttpClient http;
  SimResolver resolver;
  SimMailer mailer;
  PlainTypesetter typesetter;
};

}  // namespace ow::sim
