// Resolver on getaddrinfo(3), on threads of its own: a name service that hangs holds up as many look-ups as there
// are threads, never the loop. Loop thread.
#pragma once

#include <memory>

#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/resolver.h"

namespace ow::local {

struct ResolverOptions {
  std::size_t threads = 4;
  std::size_t waiting_max = 1024;
  base::Duration timeout = std::chrono::seconds(5);
};

class SystemResolver final : public platform::Resolver {
 public:
  /// Both must outlive this.
  SystemResolver(platform::Executor& executor, const platform::Clock& clock, ResolverOptions options = {});
  /// Does not wait for look-ups in progress; their answers are dropped.
  ~SystemResolver() override;
  base::Task<base::Result<std::vector<std::string>>> resolve(std::string name) override;

 private:
  struct Shared;
  struct Lookup;
  static void run(std::shared_ptr<Shared> shared);
  static base::Task<void> expire(platform::Executor& executor, base::Duration due, std::shared_ptr<Lookup> lookup);

  platform::Executor& executor_;
  const platform::Clock& clock_;
  ResolverOptions options_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace ow::local
