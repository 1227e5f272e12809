// The PaymentGateway port over HTTP, as the sandbox gateway speaks it. Loop thread.
#pragma once

#include <string>

#include "platform/http_client.h"
#include "platform/payment_gateway.h"

namespace ow::payments {

class HttpGateway final : public platform::PaymentGateway {
 public:
  HttpGateway(platform::HttpClient& client, std::string base_url) : client_(client), base_url_(std::move(base_url)) {}

  base::Task<base::Result<platform::PaymentResult>> charge(platform::ChargeRequest request) override;
  base::Task<base::Result<platform::PaymentResult>> refund(platform::RefundRequest request) override;
  base::Task<base::Result<platform::PaymentResult>> void_key(std::string key, std::string traceparent) override;
  base::Task<base::Result<std::optional<platform::PaymentResult>>> look_up(std::string key,
                                                                           std::string traceparent) override;
  /// Of gateways that offer the sandbox's GET /ledger; another answers 404: unsupported.
  base::Task<base::Result<platform::EffectPage>> effects(base::Instant since, std::string cursor) override;

 private:
  platform::HttpClient& client_;
  std::string base_url_;
};

}  // namespace ow::payments
