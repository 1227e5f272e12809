// The template language, and the built-in templates with a sample that tries to break out of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "notify/mail/mail_context.h"
#include "notify/mail/templates.h"

namespace ow::notify {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::Not;

std::string render(const std::string& text, const std::string& context, Markup markup = Markup::plain) {
  const auto made = TemplateText::parse(text);
  EXPECT_TRUE(made) << made.error().message;
  return made ? made->render(base::parse_json(context).value(), markup) : "";
}

TEST(TemplateTest, values_are_put_in_and_escaped_in_html) {
  EXPECT_EQ(render("Dear {{name}}!", R"({"name":"A & B <i>"})"), "Dear A & B <i>!");
  EXPECT_EQ(render("<a title='{{name}}'>{{name}}</a>", R"({"name":"\"A\" & 'B' <i>"})", Markup::html),
            "<a title='&quot;A&quot; &amp; &#39;B&#39; &lt;i&gt;'>&quot;A&quot; &amp; &#39;B&#39; &lt;i&gt;</a>");
  EXPECT_EQ(render("{{n}} {{missing}} {{a.b}}", R"({"n":12.50,"a":{"b":"c"}})"), "12.50  c");
}

TEST(TemplateTest, a_value_is_never_read_as_a_template) {
  EXPECT_EQ(render("{{name}}", R"({"name":"{{secret}}","secret":"x"})"), "{{secret}}");
}

TEST(TemplateTest, sections_repeat_and_switch) {
  EXPECT_EQ(render("{{#items}}\n{{q}} x {{name}} for {{who}}\n{{/items}}\nend",
                   R"({"who":"me","items":[{"q":1,"name":"a"},{"q":2,"name":"b"}]})"),
            "1 x a for me\n2 x b for me\nend");
  EXPECT_EQ(render("{{#tags}}[{{.}}]{{/tags}}", R"({"tags":["a","b"]})"), "[a][b]");
  EXPECT_EQ(render("{{#on}}yes{{/on}}{{^on}}no{{/on}}", R"({"on":false})"), "no");
  EXPECT_EQ(render("{{#on}}yes{{/on}}{{^on}}no{{/on}}", R"({"on":"x"})"), "yes");
  EXPECT_EQ(render("{{^items}}none{{/items}}", R"({"items":[]})"), "none");
}

TEST(TemplateTest, a_fault_is_named_with_its_line) {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"a\n{{x", "line 2: {{ without }}"},
      {"{{#a}}", "{{#a}} is never closed"},
      {"{{#a}}{{/b}}", "{{/b}} closes nothing"},
      {"{{/a}}", "closes nothing"},
      {"{{{raw}}}", "is no name"},
      {"{{a b}}", "is no name"},
      {"{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}", "nested too deeply"}};
  for (const auto& [text, what] : faults) {
    const auto made = TemplateText::parse(text);
    ASSERT_FALSE(made) << text;
    EXPECT_THAT(made.error().message, HasSubstr(what)) << text;
  }
}

TEST(TemplateTest, any_text_parses_or_is_refused) {
  rc::check([] {
    static const std::vector<std::string> kPieces = {"{{", "}}", "#", "/", "^", "a", "b", ".", " ", "\n", "{", "}"};
    std::string text;
    for (const auto i : *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, kPieces.size())))
      text += kPieces[i];
    const auto made = TemplateText::parse(text);
    if (made) static_cast<void>(made->render(Json::object({{"a", Json::array({1, 2})}, {"b", "x"}}), Markup::html));
  });
}

TEST(TemplateTest, the_built_in_templates_are_valid_and_keep_markup_out) {
  for (const auto name : kTemplateNames) {
    const auto made = MailTemplate::compile(built_in(name));
    ASSERT_TRUE(made) << name;
    auto retailer = Retailer{"<script>alert(1)</script>\r\nBcc: eve@x", {"A & B"}};
    const auto words = made->render(sample_context(name, retailer));
    EXPECT_FALSE(words.subject.empty()) << name;
    EXPECT_EQ(words.subject.find_first_of("\r\n"), std::string::npos) << name;
    EXPECT_THAT(words.text, Not(HasSubstr("{{"))) << name;
    EXPECT_THAT(words.html, Not(HasSubstr("<script>"))) << name;
    EXPECT_THAT(words.html, Not(HasSubstr("<large>"))) << name;
    EXPECT_THAT(words.html, Not(HasSubstr("<notice>"))) << name;
  }
}

TEST(TemplateTest, a_template_names_all_its_faults_at_once) {
  const auto made = MailTemplate::compile({"a\nb", "", "{{#x}}"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().violations.size(), 3U);
}

}  // namespace
}  // namespace ow::notify
