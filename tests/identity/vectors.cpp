// See vectors.h.
#include "vectors.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/assert.h"

namespace ow::identity {

std::optional<base::Json> load_wycheproof(const std::string& name) {
  const char* given = std::getenv("OW_VECTORS");
  const std::string root = given != nullptr ? given : OW_SOURCE_DIR "/../shared/vectors";
  const std::ifstream file(root + "/wycheproof/" + name);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  auto json = base::parse_json(text.str());
  OW_ASSERT(json.has_value(), "a vector file is JSON");
  return *std::move(json);
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16)));
  }
  return bytes;
}

}  // namespace ow::identity
