// See vectors.h.
#include "states/vectors.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ow::states_test {

std::optional<base::Json> load_vectors(const std::string& file) {
  const char* override_directory = std::getenv("OW_VECTORS");
  const std::string directory =
      override_directory != nullptr ? override_directory : std::string(OW_SOURCE_DIR) + "/../shared/vectors";
  std::ifstream in(directory + "/" + file);
  if (!in) return std::nullopt;
  std::stringstream text;
  text << in.rdbuf();
  auto json = base::parse_json(text.str(), {.depth_max = 128});
  return json ? std::optional(std::move(*json)) : std::nullopt;
}

}  // namespace ow::states_test
