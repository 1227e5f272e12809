// One request out of bytes: Beast's parser filling an http::Request, plus the framing rules that Beast leaves
// to its user (RFC 9112 sections 3.2, 6.1, 6.3). Included by the server's files only. Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "http/message.h"

namespace ow::http {

/// Why a request is answered by the server itself; the connection closes after it.
struct Refusal {
  int status = 400;
  std::string reason;   // slug
  std::string message;  // a sentence
};

class RequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  enum class Progress : std::uint8_t { more, complete, refused };

  RequestParser();

  /// Takes what it can from the buffer; bytes after the request stay for the next one.
  Progress advance(boost::beast::flat_buffer& buffer);

  bool started() const { return got_some(); }
  bool header_done() const { return is_header_done(); }
  /// The client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1).
  bool expects_continue() const { return expects_continue_; }
  bool wants_keep_alive() const { return keep_alive(); }
  bool is_http_1_0() const { return http_1_0_; }

  /// The request, once complete.
  Request& request() { return request_; }
  /// Why, once refused.
  const Refusal& refusal() const { return *refusal_; }

 private:
  using Parser = boost::beast::http::basic_parser<true>;
  using Text = boost::beast::string_view;
  using ParseError = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, Text method, Text target, int version, ParseError& error) override;
  void on_response_impl(int, Text, int, ParseError&) override {}
  void on_field_impl(boost::beast::http::field name, Text name_text, Text value, ParseError& error) override;
  void on_header_impl(ParseError& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ParseError&) override;
  std::size_t on_body_impl(Text bytes, ParseError&) override;
  void on_chunk_header_impl(std::uint64_t, Text, ParseError&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, ParseError&) override;
  void on_finish_impl(ParseError&) override {}

  void refuse(ParseError& error, int status, std::string_view reason, std::string_view message);
  void refuse_for(const ParseError& error);
  void check_host(ParseError& error);
  void check_transfer_encoding(ParseError& error);
  bool take_absolute_target(std::string_view target);

  Request request_;
  std::optional<Refusal> refusal_;
  std::optional<std::string> target_host_;  // of a target in absolute form
  int hosts_ = 0;
  int transfer_encodings_ = 0;
  std::string transfer_encoding_;
  bool expects_continue_ = false;
  bool http_1_0_ = false;
};

}  // namespace ow::http
