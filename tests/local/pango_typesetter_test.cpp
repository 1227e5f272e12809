// The PDFs of PangoTypesetter, read by poppler: every script's words, pages, page numbers, the same bytes again.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "harness/process.h"
#include "local/pango_typesetter.h"

namespace ow::local {
namespace {

using platform::Document;
using testing::HasSubstr;

/// What a program of poppler-utils prints about a PDF.
std::string poppler(const std::string& pdf, std::vector<std::string> words) {
  tests::TemporaryDirectory folder;
  const auto file = folder.path() + "/document.pdf";
  std::ofstream(file, std::ios::binary) << pdf;
  words.push_back(file);
  if (words[0] == "pdftotext") words.emplace_back("-");
  auto process = tests::Process::start(words, {folder.path() + "/out", folder.path() + "/err"});
  EXPECT_EQ(process.wait(), 0) << tests::read_file(folder.path() + "/err");
  return tests::read_file(folder.path() + "/out");
}

Document receipt(std::size_t lines) {
  Document document;
  document.title = "Receipt R-00000001";
  document.sender = {"Kr\xc3\xa4mer & S\xc3\xb6hne <Handel>",
                     "Hauptstra\xc3\x9f"
                     "e 1",
                     "80331 M\xc3\xbcnchen"};
  document.facts = {{"Number", "R-00000001"}, {"Date", "2026-11-21"}};
  document.columns = {{"Item", 8}, {"Quantity", 2, true}, {"Price", 3, true}, {"Amount", 3, true}};
  for (std::size_t i = 1; i <= lines; ++i)
    document.rows.push_back({fmt::format("Item number {}", i), "10000", "99.99", "999900.00"});
  document.totals = {{"VAT 21 % in the total", "17.36"}, {"Total EUR", "999999.99"}};
  document.notes = {"Thank you."};
  document.made = base::Instant{1'795'000'000'000'000};
  return document;
}

TEST(PangoTypesetterTest, all_words_of_a_receipt_are_on_the_page) {
  const auto pdf = set_pdf(receipt(2)).value();
  const auto text = poppler(pdf, {"pdftotext", "-layout"});
  for (const auto* words : {"Kr\xc3\xa4mer & S\xc3\xb6hne <Handel>", "Receipt R-00000001", "Item number 2", "999900.00",
                            "VAT 21 % in the total", "999999.99", "Thank you.", "Page 1 of 1"})
    EXPECT_THAT(text, HasSubstr(words));
  EXPECT_THAT(poppler(pdf, {"pdfinfo"}), HasSubstr("Receipt R-00000001"));
}

TEST(PangoTypesetterTest, every_script_has_its_glyphs) {
  auto document = receipt(0);
  const std::vector<std::string> names = {
      "Cr\xc3\xa8me br\xc3\xbbl\xc3\xa9"
      "e \xc5\x81\xc3\xb3"
      "d\xc5\xba",
      "\xd0\x9a\xd1\x80\xd1\x83\xd0\xb6\xd0\xba\xd0\xb0",
      "\xe9\xa6\xac\xe5\x85\x8b\xe6\x9d\xaf",
      "\xe3\x83\x9e\xe3\x82\xb0",
      "\xeb\xa8\xb8\xea\xb7\xb8\xec\xbb\xb5",
      "\xce\xba\xce\xbf\xcf\x8d\xcf\x80\xce\xb1"};
  for (const auto& name : names) document.rows.push_back({name, "1", "1.00", "1.00"});
  document.rows.push_back({"\xd7\xa1\xd7\xa4\xd7\x9c", "1", "1.00", "1.00"});  // Hebrew, drawn from right to left
  document.rows.push_back({"\xd9\x83\xd9\x88\xd8\xa8", "1", "1.00", "1.00"});  // Arabic, in joined forms
  const auto pdf = set_pdf(document).value();
  const auto text = poppler(pdf, {"pdftotext", "-layout"});
  for (const auto& name : names) EXPECT_THAT(text, HasSubstr(name));
  const auto fonts = poppler(pdf, {"pdffonts"});
  EXPECT_THAT(fonts, HasSubstr("DejaVuSans"));
  EXPECT_THAT(fonts, HasSubstr("WenQuanYi"));
}

TEST(PangoTypesetterTest, fifty_lines_fill_pages_under_repeated_headings) {
  const auto pdf = set_pdf(receipt(50)).value();
  const auto pages = poppler(pdf, {"pdfinfo"});
  EXPECT_THAT(pages, HasSubstr("Pages:           2"));
  const auto second = poppler(pdf, {"pdftotext", "-layout", "-f", "2", "-l", "2"});
  EXPECT_THAT(second, HasSubstr("Quantity"));
  EXPECT_THAT(second, HasSubstr("Item number 50"));
  EXPECT_THAT(second, HasSubstr("Page 2 of 2"));
  EXPECT_THAT(second, HasSubstr("999999.99"));
}

TEST(PangoTypesetterTest, a_long_name_is_broken_and_pushes_nothing_off_the_page) {
  auto document = receipt(0);
  for (int i = 0; i < 50; ++i)
    document.rows.push_back({std::string(200, 'W') + "\nsecond\tline", "10000", "999999.99", "999999.99"});
  const auto pdf = set_pdf(document).value();
  EXPECT_THAT(poppler(pdf, {"pdftotext", "-layout"}), HasSubstr("second line"));
  EXPECT_THAT(poppler(pdf, {"pdftotext", "-x", "540", "-y", "0", "-W", "60", "-H", "842"}),
              testing::Not(HasSubstr("W")));
}

TEST(PangoTypesetterTest, the_same_document_gives_the_same_bytes) {
  EXPECT_EQ(set_pdf(receipt(50)).value(), set_pdf(receipt(50)).value());
}

}  // namespace
}  // namespace ow::local
