// Sets a document on A4 pages: blocks of text are measured, dealt to pages, then drawn. See pango_typesetter.h;
// pango and cairo are seen here only. One thread a call; nothing is shared.
#include <cairo-pdf.h>
#include <fmt/format.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>

#include "local/pango_typesetter.h"

namespace ow::local {
namespace {

using platform::Document;

// Points: 1/72 inch.
constexpr double kPageWidth = 595.28;
constexpr double kPageHeight = 841.89;
constexpr double kMargin = 56;
constexpr double kWidth = kPageWidth - 2 * kMargin;
constexpr double kFooter = 28;
constexpr double kBottom = kPageHeight - kMargin - kFooter;
constexpr double kGap = 10;     // between columns
constexpr double kLineGap = 4;  // under a row
constexpr double kBlockGap = 16;
constexpr int kTextSize = 9;
constexpr int kTitleSize = 18;

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Surface = std::unique_ptr<cairo_surface_t, Freed<cairo_surface_destroy>>;
using Cairo = std::unique_ptr<cairo_t, Freed<cairo_destroy>>;
using FontMap = std::unique_ptr<PangoFontMap, Freed<g_object_unref>>;
using Context = std::unique_ptr<PangoContext, Freed<g_object_unref>>;
using Layout = std::unique_ptr<PangoLayout, Freed<g_object_unref>>;
using Font = std::unique_ptr<PangoFontDescription, Freed<pango_font_description_free>>;
using FontOptions = std::unique_ptr<cairo_font_options_t, Freed<cairo_font_options_destroy>>;

cairo_status_t append(void* out, const unsigned char* bytes, unsigned int length) {
  static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes), length);
  return CAIRO_STATUS_SUCCESS;
}

/// What separates lines and paragraphs, and other control characters, shown as blanks.
std::string one_paragraph(std::string text) {
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

struct Style {
  int size = kTextSize;
  bool bold = false;
  bool grey = false;
  bool at_end = false;  // of the width, whatever the direction
};

/// A block takes its height on a page and draws itself at a height.
struct Block {
  double height = 0;
  bool table_row = false;  // stands under the table's headings
  std::function<void(double y)> draw;
};

class Press {
 public:
  explicit Press(const Document& document) : document_(document) {
    surface_.reset(cairo_pdf_surface_create_for_stream(append, &bytes_, kPageWidth, kPageHeight));
    cairo_.reset(cairo_create(surface_.get()));
    fonts_.reset(pango_cairo_font_map_new());
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(fonts_.get()), 72);
    context_.reset(pango_font_map_create_context(fonts_.get()));
    const FontOptions options(cairo_font_options_create());
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context_.get(), options.get());
    const auto made = base::to_rfc3339(document.made);
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_TITLE, document.title.c_str());
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATOR, "Orderwright");
    cairo_pdf_surface_set_metadata(surface_.get(), CAIRO_PDF_METADATA_CREATE_DATE, (made.substr(0, 19) + "Z").c_str());
  }

  base::Result<std::string> print() {
    measure_columns();
    gather();
    print_pages(deal());
    cairo_.reset();
    cairo_surface_finish(surface_.get());
    const auto status = cairo_surface_status(surface_.get());
    if (status == CAIRO_STATUS_SUCCESS) return std::move(bytes_);
    return base::fail(base::ErrorCode::internal, "pdf_failed", cairo_status_to_string(status));
  }

 private:
  struct Text {
    std::shared_ptr<PangoLayout> layout;
    double height = 0;
    double width = 0;
  };

  Text text(const std::string& words, double width, Style style) const {
    Text made{std::shared_ptr<PangoLayout>(pango_layout_new(context_.get()), Freed<g_object_unref>())};
    auto* layout = made.layout.get();
    const Font font(pango_font_description_new());
    pango_font_description_set_family(font.get(), "DejaVu Sans");
    pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
    if (style.bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout, font.get());
    const auto paragraph = one_paragraph(words);
    pango_layout_set_text(layout, paragraph.c_str(), static_cast<int>(paragraph.size()));
    if (width > 0) {
      pango_layout_set_width(layout, static_cast<int>(width * PANGO_SCALE));
      pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    }
    PangoRectangle size;
    pango_layout_get_extents(layout, nullptr, &size);
    made.height = static_cast<double>(size.height) / PANGO_SCALE;
    made.width = static_cast<double>(size.width) / PANGO_SCALE;
    return made;
  }

  void show(const Text& what, double x, double y, bool grey) const {
    const double shade = grey ? 0.4 : 0;
    cairo_set_source_rgb(cairo_.get(), shade, shade, shade);
    cairo_move_to(cairo_.get(), x, y);
    pango_cairo_show_layout(cairo_.get(), what.layout.get());
  }

  void rule(double y, double shade) const {
    cairo_set_source_rgb(cairo_.get(), shade, shade, shade);
    cairo_set_line_width(cairo_.get(), 0.5);
    cairo_move_to(cairo_.get(), kMargin, y);
    cairo_line_to(cairo_.get(), kMargin + kWidth, y);
    cairo_stroke(cairo_.get());
  }

  void add(double height, std::function<void(double)> draw, bool table_row = false) {
    blocks_.push_back({height, table_row, std::move(draw)});
  }
  void space(double height) {
    add(height, [](double) {});
  }

  void paragraph(const std::string& words, Style style) {
    const auto made = text(words, kWidth, style);
    add(made.height + 2, [this, made, style](double y) { show(made, kMargin, y, style.grey); });
  }

  void fact(const std::string& label, const std::string& value) {
    constexpr double kLabel = 110;
    const auto left = text(label, kLabel, {.grey = true});
    const auto right = text(value, kWidth - kLabel - kGap, {});
    add(std::max(left.height, right.height) + 2, [this, left, right](double y) {
      show(left, kMargin, y, true);
      show(right, kMargin + kLabel + kGap, y, false);
    });
  }

  void measure_columns() {
    const auto& columns = document_.columns;
    const int all = std::accumulate(columns.begin(), columns.end(), 0,
                                    [](int sum, const auto& column) { return sum + column.weight; });
    const double room = kWidth - kGap * static_cast<double>(columns.size() - 1);
    double x = kMargin;
    for (const auto& column : columns) {
      const double width = room * column.weight / all;
      places_.push_back({x, width});
      x += width + kGap;
    }
  }

  Block row(const std::vector<std::string>& texts, Style style) const {
    std::vector<Text> cells;
    double height = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const bool numeric = document_.columns[i].numeric;
      cells.push_back(text(texts[i], numeric ? 0 : places_[i].second, style));
      height = std::max(height, cells.back().height);
    }
    return {height + kLineGap, true, [this, cells, grey = style.grey](double y) {
              for (std::size_t i = 0; i < cells.size(); ++i) {
                const auto [x, width] = places_[i];
                show(cells[i], document_.columns[i].numeric ? x + width - cells[i].width : x, y, grey);
              }
            }};
  }

  Block headings() const {
    std::vector<std::string> texts;
    for (const auto& column : document_.columns) texts.push_back(column.heading);
    auto block = row(texts, {.grey = true});
    block.draw = [this, draw = block.draw, height = block.height](double y) {
      draw(y);
      rule(y + height, 0.2);
    };
    block.height += kLineGap + 2;
    return block;
  }

  void total(const std::string& label, const std::string& value, bool counts) {
    const Style style{.size = counts ? kTextSize + 2 : kTextSize, .bold = counts};
    const auto left = text(label, 0, style);
    const auto right = text(value, 0, style);
    constexpr double kValue = 110;
    add(left.height + kLineGap, [this, left, right](double y) {
      show(left, kMargin + kWidth - kValue - left.width, y, false);
      show(right, kMargin + kWidth - right.width, y, false);
    });
  }

  void gather() {
    for (const auto& line : document_.sender) paragraph(line, {.bold = &line == &document_.sender.front()});
    space(kBlockGap);
    paragraph(document_.title, {.size = kTitleSize, .bold = true});
    space(kGap);
    for (const auto& [label, value] : document_.facts) fact(label, value);
    space(kBlockGap);
    for (const auto& texts : document_.rows) blocks_.push_back(row(texts, {}));
    add(kBlockGap, [this](double y) { rule(y + kLineGap, 0.2); });
    for (const auto& [label, value] : document_.totals) total(label, value, &value == &document_.totals.back().second);
    space(kBlockGap);
    for (const auto& note : document_.notes) paragraph(note, {.grey = true});
  }

  /// Blocks by page. A page that holds rows has the headings above the first of them.
  std::vector<std::vector<Block>> deal() {
    std::vector<std::vector<Block>> pages(1);
    double y = kMargin;
    bool headed = false;
    for (auto& block : blocks_) {
      auto heading = block.table_row && !headed ? std::optional(headings()) : std::nullopt;
      if (y + block.height + (heading ? heading->height : 0) > kBottom && y > kMargin) {
        pages.emplace_back();
        y = kMargin;
        if (block.table_row) heading = headings();
      }
      headed = block.table_row;
      if (heading) {
        y += heading->height;
        pages.back().push_back(std::move(*heading));
      }
      y += block.height;
      pages.back().push_back(std::move(block));
    }
    return pages;
  }

  void print_pages(const std::vector<std::vector<Block>>& pages) {
    for (std::size_t i = 0; i < pages.size(); ++i) {
      double y = kMargin;
      for (const auto& block : pages[i]) {
        block.draw(y);
        y += block.height;
      }
      rule(kBottom + kGap, 0.7);
      const auto left = text(document_.title, kWidth - 120, {.size = kTextSize - 1});
      const auto right = text(fmt::format("Page {} of {}", i + 1, pages.size()), 0, {.size = kTextSize - 1});
      show(left, kMargin, kBottom + kGap + kLineGap, true);
      show(right, kMargin + kWidth - right.width, kBottom + kGap + kLineGap, true);
      cairo_show_page(cairo_.get());
    }
  }

  const Document& document_;
  std::string bytes_;
  Surface surface_;
  Cairo cairo_;
  FontMap fonts_;
  Context context_;
  std::vector<std::pair<double, double>> places_;  // of the columns: where, how wide
  std::vector<Block> blocks_;
};

}  // namespace

base::Result<std::string> set_pdf(const Document& document) { return Press(document).print(); }

}  // namespace ow::local
