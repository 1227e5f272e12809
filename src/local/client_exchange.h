// One request and its answer over one connection. Included by the client's files only. Loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "local/client_answer.h"
#include "local/client_pool.h"
#include "local/client_url.h"
#include "platform/http_client.h"

namespace ow::local {

/// The head of the request as bytes. Error malformed: a method or header that would break its line, or one
/// that is the client's own business (host, content-length, transfer-encoding, connection).
base::Result<std::string> request_head(const platform::HttpRequest& request, const ClientUrl& url);

/// Error malformed: one of the request's addresses is none, so that nothing falls back to the URL's host.
base::Result<void> check_addresses(const platform::HttpRequest& request);

class Exchange final : public std::enable_shared_from_this<Exchange>, public Borrower, public Watched {
 public:
  using Answer = base::Result<platform::HttpAnswer>;

  Exchange(std::shared_ptr<ClientPool> pool, platform::HttpRequest request, ClientUrl url, std::string head);

  void start();
  /// Nobody waits for the answer any more.
  void abandon();
  /// Awaited by the caller.
  base::Completion<Answer> answer;

  const std::string& origin() const override { return origin_; }
  void lend(std::shared_ptr<Wire> wire) override;
  std::shared_ptr<Watched> keep_alive() override { return shared_from_this(); }
  void expire() override;

 private:
  base::Task<void> run();
  base::Task<bool> connect();
  base::Task<bool> connect_socket();
  base::Task<bool> write_request();
  base::Task<void> read_answer();
  void take(AnswerParser& parser);
  /// The first end counts; what comes later is dropped.
  void finish(Answer result);
  void fail(base::ErrorCode code, std::string reason, const std::string& what);

  std::shared_ptr<ClientPool> pool_;
  platform::HttpRequest request_;
  ClientUrl url_;
  std::string head_;
  std::string origin_;
  std::shared_ptr<Wire> wire_;
  base::Completion<std::shared_ptr<Wire>> lent_;
  bool sent_ = false;  // the peer may have seen some of the request
  bool finished_ = false;
  std::string last_error_;
  base::Task<void> running_;
};

}  // namespace ow::local
