// See algorithm.h.
#include "identity/algorithm.h"

#include "base/assert.h"

namespace ow::identity {

namespace {

struct Row {
  Algorithm algorithm;
  std::string_view name;
  std::string_view key_type;
  int digest_bits;
};

constexpr std::array kRows{
    Row{Algorithm::hs256, "HS256", "oct", 256}, Row{Algorithm::hs384, "HS384", "oct", 384},
    Row{Algorithm::hs512, "HS512", "oct", 512}, Row{Algorithm::rs256, "RS256", "RSA", 256},
    Row{Algorithm::rs384, "RS384", "RSA", 384}, Row{Algorithm::rs512, "RS512", "RSA", 512},
    Row{Algorithm::ps256, "PS256", "RSA", 256}, Row{Algorithm::ps384, "PS384", "RSA", 384},
    Row{Algorithm::ps512, "PS512", "RSA", 512}, Row{Algorithm::es256, "ES256", "EC", 256},
    Row{Algorithm::es384, "ES384", "EC", 384},  Row{Algorithm::es512, "ES512", "EC", 512},
    Row{Algorithm::eddsa, "EdDSA", "OKP", 0},
};

const Row& row_of(Algorithm algorithm) {
  const auto& row = kRows.at(static_cast<std::size_t>(algorithm));
  OW_ASSERT(row.algorithm == algorithm, "rows are in the order of the enumeration");
  return row;
}

}  // namespace

std::optional<Algorithm> algorithm_named(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.algorithm;
  }
  return std::nullopt;
}

std::string_view name_of(Algorithm algorithm) { return row_of(algorithm).name; }
std::string_view key_type_of(Algorithm algorithm) { return row_of(algorithm).key_type; }
int digest_bits(Algorithm algorithm) { return row_of(algorithm).digest_bits; }

}  // namespace ow::identity
