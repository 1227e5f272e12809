// See server_parser.h.
#include "http/server_parser.h"

#include <algorithm>

#include <boost/beast/http/error.hpp>

#include "base/bounds.h"

namespace ow::http {

namespace beast_http = boost::beast::http;
namespace bounds = base::bounds;

namespace {

constexpr std::size_t kBodyReserveMax = 64 << 10;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string to_lower(std::string_view text) {
  std::string out(text.size(), '\0');
  std::transform(text.begin(), text.end(), out.begin(), lower);
  return out;
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// RFC 3986 section 3.2.2 and 3.2.3 by alphabet: enough to keep other delimiters out of a Host.
bool is_host_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
    return alphanumeric || std::string_view("-._~%!$&'()*+,;=:[]").find(c) != std::string_view::npos;
  });
}

bool is_target_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

/// RFC 9112 section 2.2: empty lines before a request line are ignored.
void skip_empty_lines(boost::beast::flat_buffer& buffer) {
  const auto* bytes = static_cast<const char*>(buffer.data().data());
  std::size_t empty = 0;
  while (empty + 1 < buffer.size() && bytes[empty] == '\r' && bytes[empty + 1] == '\n') empty += 2;
  buffer.consume(empty);
}

}  // namespace

RequestParser::RequestParser() {
  eager(true);
  header_limit(static_cast<std::uint32_t>(bounds::kHeaderBytesMax));
  body_limit(bounds::kBodyBytesMax);
}

RequestParser::Progress RequestParser::advance(boost::beast::flat_buffer& buffer) {
  if (!started()) skip_empty_lines(buffer);
  if (buffer.size() == 0) return Progress::more;
  ParseError error;
  buffer.consume(put(buffer.data(), error));
  if (error && error != beast_http::error::need_more) {
    refuse_for(error);
    return Progress::refused;
  }
  if (is_done()) return Progress::complete;
  if (header_done() && buffer.size() > bounds::kHeaderBytesMax) {
    refuse(error, 400, "malformed", "A chunk's header or the trailer is too long.");
    return Progress::refused;
  }
  return Progress::more;
}

void RequestParser::refuse(ParseError& error, int status, std::string_view reason, std::string_view message) {
  refusal_ = Refusal{status, std::string(reason), std::string(message)};
  error = beast_http::error::bad_value;
}

void RequestParser::refuse_for(const ParseError& cause) {
  if (refusal_) return;
  ParseError error;
  if (cause == beast_http::error::body_limit) {
    refuse(error, 413, "too_large", "The body is larger than 256 KB.");
  } else if (cause == beast_http::error::header_limit) {
    refuse(error, 431, "header_too_large", "The request's header is larger than 16 KB.");
  } else {
    refuse(error, 400, "malformed", "The request is not HTTP/1.1: " + cause.message() + ".");
  }
}

void RequestParser::on_request_impl(beast_http::verb, Text method, Text target, int version, ParseError& error) {
  request_.method = view(method);
  http_1_0_ = version == 10;
  const auto text = view(target);
  if (!is_target_text(text)) return refuse(error, 400, "malformed", "The request target holds an illegal character.");
  if (text.front() == '/' || (text == "*" && request_.method == "OPTIONS")) {
    request_.target = text;
  } else if (!take_absolute_target(text)) {
    refuse(error, 400, "malformed", "The request target must be a path or an absolute http URL.");
  }
}

bool RequestParser::take_absolute_target(std::string_view target) {
  const auto scheme = target.substr(0, target.find("://"));
  const auto scheme_lower = to_lower(scheme);
  if (scheme_lower != "http" && scheme_lower != "https") return false;
  const auto rest = target.substr(scheme.size() + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.empty() || !is_host_text(authority)) return false;
  const auto path = rest.substr(authority.size());
  target_host_ = authority;
  request_.target = path.starts_with('/') ? std::string(path) : "/" + std::string(path);
  if (path.empty() && request_.method == "OPTIONS") request_.target = "*";
  return true;
}

void RequestParser::on_field_impl(beast_http::field name, Text name_text, Text value, ParseError& error) {
  if (header_done()) return;  // a trailer is read and dropped (RFC 9110 section 6.5.1)
  if (request_.headers.empty()) request_.headers.reserve(12);
  if (name == beast_http::field::host) {
    ++hosts_;
  } else if (name == beast_http::field::transfer_encoding) {
    ++transfer_encodings_;
    transfer_encoding_ = to_lower(view(value));
  } else if (name == beast_http::field::expect) {
    if (to_lower(view(value)) != "100-continue") {
      return refuse(error, 417, "expectation_failed", "The only expectation known here is 100-continue.");
    }
    expects_continue_ = !http_1_0_;
  }
  request_.headers.emplace_back(to_lower(view(name_text)), std::string(view(value)));
}

void RequestParser::on_header_impl(ParseError& error) {
  check_transfer_encoding(error);
  if (!error) check_host(error);
}

void RequestParser::check_transfer_encoding(ParseError& error) {
  if (transfer_encodings_ == 0) return;
  if (http_1_0_) return refuse(error, 400, "malformed", "HTTP/1.0 has no Transfer-Encoding.");
  if (transfer_encodings_ == 1 && transfer_encoding_ == "chunked") return;
  const auto only_last = transfer_encoding_.size() - std::string_view("chunked").size();
  const bool chunked_last = transfer_encodings_ == 1 && transfer_encoding_.find("chunked") == only_last;
  if (chunked_last) return refuse(error, 501, "unsupported", "The only transfer coding known here is chunked.");
  refuse(error, 400, "malformed", "Transfer-Encoding must be chunked.");
}

void RequestParser::check_host(ParseError& error) {
  if (hosts_ > 1) return refuse(error, 400, "malformed", "There is more than one Host header.");
  if (hosts_ == 0) {
    if (!http_1_0_) refuse(error, 400, "malformed", "The Host header is missing.");
    return;
  }
  const auto host = std::find_if(request_.headers.begin(), request_.headers.end(),
                                 [](const auto& header) { return header.first == "host"; });
  if (!is_host_text(host->second)) return refuse(error, 400, "malformed", "The Host header is not a host.");
  if (target_host_) host->second = *target_host_;  // RFC 9112 section 3.2.2
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, ParseError&) {
  if (length) request_.body.reserve(std::min<std::size_t>(*length, kBodyReserveMax));
}

std::size_t RequestParser::on_body_impl(Text bytes, ParseError&) {
  request_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text bytes, ParseError&) {
  request_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace ow::http
