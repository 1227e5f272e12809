// See receipt.h.
#include "engine/receipt.h"

#include "engine/bytes.h"

namespace ow::engine {

std::string to_text(const Receipt& receipt) {
  std::string text;
  text.reserve(24 + receipt.group.size());
  put_number(text, receipt.sequence);
  put_number(text, receipt.serial);
  put_signed(text, receipt.sent.us);
  put_signed(text, receipt.due.us);
  text += receipt.group;
  return text;
}

std::optional<Receipt> parse_receipt(std::string_view text) {
  ByteReader in(text);
  Receipt receipt;
  receipt.sequence = in.number();
  receipt.serial = in.number();
  receipt.sent.us = in.signed_number();
  receipt.due.us = in.signed_number();
  receipt.group = in.rest();
  if (!in.ok()) return std::nullopt;
  return receipt;
}

}  // namespace ow::engine
