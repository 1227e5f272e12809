// See blobs.h.
#include "platform/blobs.h"

#include <algorithm>

namespace ow::platform {
namespace {

constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kPartsMax = 8;

bool is_part(const std::string& part) {
  constexpr auto kAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !part.empty() && part.front() != '.' && part.find_first_not_of(kAlphabet) == std::string::npos;
}

}  // namespace

bool is_blob_name(const std::string& name) {
  if (name.size() > kNameBytesMax) return false;
  std::size_t parts = 0;
  for (std::size_t at = 0; at <= name.size(); ++parts) {
    const auto slash = std::min(name.find('/', at), name.size());
    if (!is_part(name.substr(at, slash - at))) return false;
    at = slash + 1;
  }
  return parts <= kPartsMax;
}

}  // namespace ow::platform
