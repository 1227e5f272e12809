// Message framing (RFC 9112) as a table: what is refused, with which status, always closing; and what is
// accepted. Each case names the smuggling or error it stands for.
#include <gtest/gtest.h>

#include "tests/http/server_rig.h"

namespace ow::http {
namespace {

struct Refused {
  const char* name;
  int status;
  std::string bytes;
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.name; }

const std::string kTooLongHeader(20 << 10, 'a');

const Refused kRefused[] = {
    {"no_host", 400, "GET / HTTP/1.1\r\n\r\n"},
    {"two_hosts", 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
    {"host_with_a_path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
    {"length_and_chunked", 400,
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"chunked_and_length", 400,
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
    {"two_lengths", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
    {"signed_length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"},
    {"length_with_text", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5a\r\n\r\nhello"},
    {"empty_length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nhello"},
    {"huge_length", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n"},
    {"chunked_twice", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
    {"two_transfer_encodings", 400,
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"chunked_not_last", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"},
    {"other_coding", 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"identity_coding", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n"},
    {"coding_in_1_0", 400, "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"space_before_colon", 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello"},
    {"bare_line_feed", 400, "GET / HTTP/1.1\nHost: a\n\n"},
    {"bare_line_feed_in_header", 400, "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"},
    {"zero_byte_in_header", 400, std::string("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 36)},
    {"no_target", 400, "GET  HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"target_without_slash", 400, "GET orders HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"target_with_fragment", 400, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"target_with_high_byte", 400, "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"space_in_target", 400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"connect", 400, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http_2", 400, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
    {"no_version", 400, "GET /\r\nHost: a\r\n\r\n"},
    {"tls_hello", 400, "\x16\x03\x01\x02\x06\x01\x01\xfc\x03\x03 hello hello hello\r\n\r\n"},
    {"bad_chunk_size", 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n"},
    {"overflowing_chunk_size", 400,
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\nabc"},
    {"chunk_longer_than_said", 400,
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n"},
    {"length_in_trailer", 400,
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n"},
    {"body_too_large", 413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 262145\r\n\r\n"},
    {"chunk_too_large", 413, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n40001\r\n"},
    {"header_too_large", 431, "GET / HTTP/1.1\r\nHost: a\r\nX: " + kTooLongHeader + "\r\n\r\n"},
    {"target_too_large", 431, "GET /" + kTooLongHeader + " HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"other_expectation", 417, "POST / HTTP/1.1\r\nHost: a\r\nExpect: a-pony\r\nContent-Length: 1\r\n\r\n"},
};

class RefusedFraming : public testing::TestWithParam<Refused> {};

TEST_P(RefusedFraming, IsAnsweredOnceAndTheConnectionCloses) {
  int handled = 0;
  ServerRig rig([&handled](Request request) {
    ++handled;
    return echo(std::move(request));
  });
  auto client = rig.connect();
  client.send(GetParam().bytes + get("/smuggled"));
  client.finish_sending();
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, GetParam().status);
  EXPECT_EQ(answer->headers.at("connection"), "close");
  EXPECT_EQ(answer->headers.at("content-type"), "application/problem+json");
  EXPECT_NE(answer->body.find("\"requestId\""), std::string::npos);
  EXPECT_TRUE(client.closed());
  rig.on_loop([&] { EXPECT_EQ(handled, 0); });
}

INSTANTIATE_TEST_SUITE_P(Rfc9112, RefusedFraming, testing::ValuesIn(kRefused),
                         [](const auto& info) { return std::string(info.param.name); });

struct Accepted {
  const char* name;
  std::string bytes;
  std::string body;
};

void PrintTo(const Accepted& accepted, std::ostream* out) { *out << accepted.name; }

const Accepted kAccepted[] = {
    {"origin_form", "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a?b=c "},
    {"absolute_form", "GET http://shop.example:80/a?b HTTP/1.1\r\nHost: other\r\n\r\n", "GET /a?b "},
    {"absolute_form_without_path", "GET HTTP://shop.example?b HTTP/1.1\r\nHost: other\r\n\r\n", "GET /?b "},
    {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * "},
    {"empty_host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / "},
    {"length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "POST / hello"},
    {"same_length_twice", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello", "POST / hello"},
    {"chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
     "POST / abcde"},
    {"trailer", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nHost: b\r\n\r\n",
     "POST / x"},
    {"empty_lines_before", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / "},
    {"old_without_host", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / "},
    {"unknown_method", "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", "BREW /pot "},
};

class AcceptedFraming : public testing::TestWithParam<Accepted> {};

TEST_P(AcceptedFraming, IsHandledAndTheNextRequestToo) {
  ServerRig rig(echo);
  auto client = rig.connect();
  client.send(GetParam().bytes + get("/next"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, GetParam().body);
  EXPECT_EQ(client.read_answer()->body, "GET /next ");
}

TEST_P(AcceptedFraming, IsTheSameWhenEachByteComesAlone) {
  ServerRig rig(echo);
  auto client = rig.connect();
  for (const char byte : GetParam().bytes) client.send({&byte, 1});
  EXPECT_EQ(client.read_answer()->body, GetParam().body);
}

INSTANTIATE_TEST_SUITE_P(Rfc9112, AcceptedFraming, testing::ValuesIn(kAccepted),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace ow::http
