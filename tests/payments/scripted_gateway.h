// A PaymentGateway that answers as told and counts its calls. Test thread only.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "platform/payment_gateway.h"

namespace ow::tests {

class ScriptedGateway final : public platform::PaymentGateway {
 public:
  using Answer = base::Result<platform::PaymentResult>;
  using Found = base::Result<std::optional<platform::PaymentResult>>;

  base::Task<Answer> charge(platform::ChargeRequest request) override {
    calls.push_back("charge " + request.key);
    return base::ready(next(charges));
  }
  base::Task<Answer> refund(platform::RefundRequest request) override {
    calls.push_back("refund " + request.key);
    return base::ready(next(refunds));
  }
  base::Task<Answer> void_key(std::string key, std::string) override {
    calls.push_back("void " + key);
    return base::ready(next(voids));
  }
  base::Task<Found> look_up(std::string key, std::string) override {
    calls.push_back("look_up " + key);
    return base::ready(next(look_ups));
  }
  base::Task<base::Result<platform::EffectPage>> effects(base::Instant, std::string cursor) override {
    calls.push_back("effects " + cursor);
    return base::ready(next(listings));
  }

  std::deque<Answer> charges, refunds, voids;
  std::deque<Found> look_ups;
  std::deque<base::Result<platform::EffectPage>> listings;
  std::vector<std::string> calls;

 private:
  template <typename T>
  static T next(std::deque<T>& script) {
    OW_ASSERT(!script.empty(), "the script has an answer for this call");
    auto answer = std::move(script.front());
    script.pop_front();
    return answer;
  }
};

}  // namespace ow::tests
