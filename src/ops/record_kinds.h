// Every kind of record that the platform keeps: for how long, and what it says of people. The one table behind
// docs/retention.md, exports and the metrics of retention. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ow::ops {

struct RecordKind {
  enum class Holds : std::uint8_t {
    nothing,   // that belongs to a person
    personal,  // data of a person: exported only when asked for
    secret,    // a key or the digest of one: never exported
  };
  std::string_view name;
  Holds holds = Holds::nothing;
  /// For people; "for ever", "until …", "30 days after …".
  std::string_view kept;
};

std::span<const RecordKind> record_kinds();

/// Of a name that is not in the table nobody knows what it holds: it counts as secret.
RecordKind::Holds holds_of(std::string_view record_kind);

}  // namespace ow::ops
