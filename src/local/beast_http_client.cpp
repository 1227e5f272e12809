// See beast_http_client.h.
#include "local/beast_http_client.h"

#include "local/client_exchange.h"
#include "local/client_pool.h"

namespace ow::local {

namespace {

/// Lives in the caller's frame, which may be destroyed before the exchange ends.
struct ExchangeOwner {
  explicit ExchangeOwner(std::shared_ptr<Exchange> owned) : exchange(std::move(owned)) {}
  ExchangeOwner(const ExchangeOwner&) = delete;
  ExchangeOwner& operator=(const ExchangeOwner&) = delete;
  ~ExchangeOwner() { exchange->abandon(); }
  std::shared_ptr<Exchange> exchange;
};

}  // namespace

struct BeastHttpClient::Impl : ClientPool {
  using ClientPool::ClientPool;
};

BeastHttpClient::BeastHttpClient(AsioExecutor& executor, HttpClientOptions options)
    : impl_(std::make_shared<Impl>(executor.loop(), options)) {}

BeastHttpClient::~BeastHttpClient() { impl_->close(); }

base::Task<base::Result<platform::HttpAnswer>> BeastHttpClient::send(platform::HttpRequest request) {
  auto url = parse_client_url(request.url);
  if (!url) co_return base::fail(std::move(url.error()));
  if (auto checked = check_addresses(request); !checked) co_return base::fail(std::move(checked.error()));
  auto head = request_head(request, *url);
  if (!head) co_return base::fail(std::move(head.error()));
  const ExchangeOwner owner(std::make_shared<Exchange>(impl_, std::move(request), std::move(*url), std::move(*head)));
  owner.exchange->start();
  co_return co_await owner.exchange->answer;
}

}  // namespace ow::local
