// See client_answer.h.
#include "local/client_answer.h"

#include <algorithm>

#include <boost/beast/http/error.hpp>

#include "base/bounds.h"

namespace ow::local {

namespace beast_http = boost::beast::http;

namespace {

AnswerParser::Progress failure(const boost::beast::error_code& error) {
  const bool too_large = error == beast_http::error::body_limit || error == beast_http::error::header_limit;
  return too_large ? AnswerParser::Progress::too_large : AnswerParser::Progress::not_http;
}

}  // namespace

AnswerParser::AnswerParser(std::size_t answer_bytes_max, bool to_head, bool cut)
    : bytes_max_(answer_bytes_max), cut_(cut) {
  eager(true);
  skip(to_head);
  header_limit(static_cast<std::uint32_t>(base::bounds::kHeaderBytesMax));
  if (cut)
    body_limit(boost::none);
  else
    body_limit(answer_bytes_max);
}

AnswerParser::Progress AnswerParser::advance(boost::beast::flat_buffer& buffer) {
  if (buffer.size() == 0) return Progress::more;
  ParseError error;
  buffer.consume(put(buffer.data(), error));
  if (was_cut_) return Progress::complete;
  if (error && error != beast_http::error::need_more) return failure(error);
  if (is_done()) return Progress::complete;
  return buffer.size() > 2 * base::bounds::kHeaderBytesMax ? Progress::not_http : Progress::more;
}

AnswerParser::Progress AnswerParser::finish() {
  if (!got_some()) return Progress::more;
  ParseError error;
  put_eof(error);
  return error ? Progress::more : Progress::complete;
}

void AnswerParser::on_field_impl(beast_http::field, Text name, Text value, ParseError&) {
  if (is_header_done()) return;  // a trailer is read and dropped
  std::string lower(name.data(), name.size());
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  answer_.headers.emplace_back(std::move(lower), std::string(value.data(), value.size()));
}

void AnswerParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, ParseError&) {
  if (length) answer_.body.reserve(std::min<std::size_t>(*length, base::bounds::kGatewayAnswerBytesMax));
}

std::size_t AnswerParser::append(Text bytes, ParseError& error) {
  const auto room = bytes_max_ - std::min(bytes_max_, answer_.body.size());
  was_cut_ = cut_ && bytes.size() > room;
  answer_.body.append(bytes.data(), was_cut_ ? room : bytes.size());
  if (was_cut_) error = beast_http::error::body_limit;  // the parser stops here
  return bytes.size();
}

std::size_t AnswerParser::on_body_impl(Text bytes, ParseError& error) { return append(bytes, error); }

std::size_t AnswerParser::on_chunk_body_impl(std::uint64_t, Text bytes, ParseError& error) {
  return append(bytes, error);
}

}  // namespace ow::local
