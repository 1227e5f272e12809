// Every code that an operator may see has its page.
#include "app/operator_codes.h"

#include <gtest/gtest.h>

#include <string>

#include "harness/process.h"

namespace ow::app {
namespace {

TEST(OperatorCodes, EachHasAPageWithCauseAndRemedy) {
  for (const auto& one : operator_codes()) {
    const auto page = tests::read_file(std::string(OW_SOURCE_DIR) + "/docs/errors/" + std::string(one.code) + ".md");
    EXPECT_NE(page.find("## Cause"), std::string::npos) << one.code;
    EXPECT_NE(page.find("## Remedy"), std::string::npos) << one.code;
  }
}

TEST(OperatorCodes, AReasonWithoutACodeHasNone) {
  EXPECT_EQ(operator_code("storage_in_use"), "OW-1004");
  EXPECT_EQ(operator_code("order_not_found"), "");
}

}  // namespace
}  // namespace ow::app
