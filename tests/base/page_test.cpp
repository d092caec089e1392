// Pages for people: whatever text holds, it stays text in Markdown and in HTML.
#include <doctest/doctest.h>

#include "vetset/base/page.h"
#include "vetset/base/shell.h"

using namespace vetset;

namespace {

std::string paragraph_of(Line line) {
  const std::string whole = to_markdown(Page("t").paragraph(std::move(line)));
  return whole.substr(5, whole.size() - 6);  // without "# t\n\n" and the line end
}

}  // namespace

TEST_CASE("markup in text is text in Markdown") {
  CHECK(paragraph_of({plain("<b>&[a](b)*c*_d_`e`|f~g~$h$!")}) ==
        "&lt;b&gt;&amp;\\[a\\](b)\\*c\\*\\_d\\_\\`e\\`\\|f\\~g\\~\\$h\\$\\!");
  CHECK(paragraph_of({plain("# not a heading")}) == "\\# not a heading");
  CHECK(paragraph_of({plain("- no item")}) == "\\- no item");
  CHECK(paragraph_of({plain("12. no item")}) == "12\\. no item");
  CHECK(paragraph_of({plain("12.5 is a number")}) == "12\\.5 is a number");
  CHECK(paragraph_of({plain("https://a.org www.b.org @c")}) == "https&#58;//a.org www&#46;b.org &#64;c");
  CHECK(paragraph_of({plain("a\x1b[31m")}) == "a\\\\x1b\\[31m");
}

TEST_CASE("a code span has as many backquotes as it takes") {
  CHECK(paragraph_of({code("plain <b>")}) == "`plain <b>`");
  CHECK(paragraph_of({code("a`b")}) == "``a`b``");
  CHECK(paragraph_of({code("`a``")}) == "``` `a`` ```");
  CHECK(paragraph_of({code("")}) == "`  `");
  const std::string table = to_markdown(Page("t").table({"a", ">b"}, {{{code("x|y")}, {plain("1|2")}}}));
  CHECK(table == "# t\n\n| a | b |\n|---|---:|\n| `x\\|y` | 1\\|2 |\n");
}

TEST_CASE("links go to the web or nowhere") {
  CHECK(paragraph_of({link("a", "https://a.org/x y>")}) == "[a](<https://a.org/x%20y%3E>)");
  CHECK(paragraph_of({link("a", "javascript:alert(1)")}) == "a");
  CHECK(to_html(Page("t").paragraph({link("a", "data:text/html,x")})).find("href") == std::string::npos);
}

TEST_CASE("markup in text is text in HTML, titles and commands too") {
  const std::string html =
      to_html(Page("<i>").paragraph({plain("<script>'\"&"), code("</code>")}).commands("a <b>\nc"));
  CHECK(html.find("<title>&lt;i&gt;</title>") != std::string::npos);
  CHECK(html.find("&lt;script&gt;&#39;&quot;&amp;<code>&lt;/code&gt;</code>") != std::string::npos);
  CHECK(html.find("<pre><code>a &lt;b&gt;\nc\n</code></pre>") != std::string::npos);
}

TEST_CASE("a fence is longer than any in its commands") {
  CHECK(to_markdown(Page("t").commands("a ``` b")) == "# t\n\n````sh\na ``` b\n````\n");
}

TEST_CASE("a table without rows is none, and a bar of something is never nothing") {
  CHECK(to_markdown(Page("t").table({"a"}, {})) == "# t\n");
  CHECK(paragraph_of({bar(0.001)}) == "█");
  CHECK(paragraph_of({bar(0)}).empty());
}

TEST_CASE("a shell word is quoted where a shell would take it apart") {
  CHECK(shell_word("a/b-1.jpg") == "a/b-1.jpg");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("") == "''");
}
