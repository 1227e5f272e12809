// See operator_codes.h.
#include "app/operator_codes.h"

#include <algorithm>
#include <array>

namespace ow::app {
namespace {

constexpr std::array kCodes = {
    OperatorCode{"storage_failed", "OW-1001"},       OperatorCode{"storage_damaged", "OW-1002"},
    OperatorCode{"storage_format_newer", "OW-1003"}, OperatorCode{"format_newer", "OW-1003"},
    OperatorCode{"storage_in_use", "OW-1004"},       OperatorCode{"storage_full", "OW-1005"},
    OperatorCode{"storage_not_writable", "OW-1006"}, OperatorCode{"storage_unreadable", "OW-1006"},
    OperatorCode{"data_directory", "OW-1006"},       OperatorCode{"cannot_listen", "OW-1007"},
    OperatorCode{"bad_configuration", "OW-1008"},    OperatorCode{"key_unusable", "OW-1009"},
    OperatorCode{"secret_not_kept", "OW-1009"},      OperatorCode{"queue_kind", "OW-1010"},
    OperatorCode{"data_not_empty", "OW-1301"},       OperatorCode{"restore_interrupted", "OW-1302"},
    OperatorCode{"snapshot_damaged", "OW-1303"},     OperatorCode{"snapshot_not_found", "OW-1303"},
    OperatorCode{"snapshot_no_room", "OW-1304"},     OperatorCode{"snapshot_format_newer", "OW-1003"},
    OperatorCode{"reconcile_first", "OW-1305"},
};

}  // namespace

std::span<const OperatorCode> operator_codes() { return kCodes; }

std::string_view operator_code(std::string_view reason) {
  const auto found = std::ranges::find(kCodes, reason, &OperatorCode::reason);
  return found == kCodes.end() ? std::string_view() : found->code;
}

}  // namespace ow::app
