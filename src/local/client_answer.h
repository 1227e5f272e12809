// One HTTP answer out of bytes: Beast's parser filling an HttpAnswer. Included by the client's files only.
// Loop thread.
#pragma once

#include <cstdint>
#include <string>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "platform/http_client.h"

namespace ow::local {

class AnswerParser final : private boost::beast::http::basic_parser<false> {
 public:
  enum class Progress : std::uint8_t { more, complete, too_large, not_http };

  /// An answer to HEAD has no body whatever its header says.
  /// `cut`: a body that is too large ends the answer after its first bytes.
  AnswerParser(std::size_t answer_bytes_max, bool to_head, bool cut = false);

  /// Takes what it can from the buffer.
  Progress advance(boost::beast::flat_buffer& buffer);
  /// The peer closed: whole when the body had no length of its own (RFC 9112 section 6.3, rule 8).
  Progress finish();

  /// 1xx: the answer proper follows (RFC 9110 section 15.2).
  bool interim() const { return answer_.status < 200; }
  /// The connection may carry another exchange.
  bool wants_keep_alive() const { return keep_alive() && !need_eof() && !was_cut_; }
  platform::HttpAnswer& answer() { return answer_; }

 private:
  using Text = boost::beast::string_view;
  using ParseError = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, Text, Text, int, ParseError&) override {}
  void on_response_impl(int status, Text, int, ParseError&) override { answer_.status = status; }
  void on_field_impl(boost::beast::http::field, Text name, Text value, ParseError&) override;
  void on_header_impl(ParseError&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ParseError&) override;
  std::size_t on_body_impl(Text bytes, ParseError&) override;
  void on_chunk_header_impl(std::uint64_t, Text, ParseError&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, ParseError&) override;
  void on_finish_impl(ParseError&) override {}

  std::size_t append(Text bytes, ParseError& error);

  platform::HttpAnswer answer_;
  std::size_t bytes_max_;
  bool cut_;
  bool was_cut_ = false;
};

}  // namespace ow::local
