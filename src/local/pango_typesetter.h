// Typesetter on pango and cairo with the machine's fonts. Loop thread; the setting on a thread of its own, for
// which few documents may wait.
#pragma once

#include <cstddef>

#include "local/lane_thread.h"
#include "platform/executor.h"
#include "platform/typesetter.h"

namespace ow::local {

class PangoTypesetter final : public platform::Typesetter {
 public:
  static constexpr std::size_t kWaitingMax = 64;

  /// The executor outlives this.
  explicit PangoTypesetter(platform::Executor& executor) : executor_(executor) {}
  base::Task<base::Result<std::string>> pdf(platform::Document document) override;

 private:
  platform::Executor& executor_;
  std::size_t waiting_ = 0;
  LaneThread lane_;
};

/// The PDF of a document whose rows have one text a column. Any thread, long.
base::Result<std::string> set_pdf(const platform::Document& document);

}  // namespace ow::local
