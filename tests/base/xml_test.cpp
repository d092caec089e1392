// XML: places, limits, and what is never expanded.
#include "vetset/base/xml.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace vetset;

namespace {

/// All that can be asked of an element and those inside it.
std::string told(XmlNode node) {
  std::string out = "<" + std::string(node.name()) + "@" + std::to_string(node.offset());
  node.each_attribute(
      [&](std::string_view name, std::string_view value) { out.append(" ").append(name).append("=").append(value); });
  out.append(">").append(node.text());
  for (const XmlNode child : node.elements()) out += told(child);
  return out + "</>";
}

std::string told(const Result<Xml>& xml) { return xml ? told(xml->root()) : "an error"; }

}  // namespace

TEST_CASE("an element knows its name, its text, its attributes and where it stands") {
  const std::string text =
      "<?xml version=\"1.0\"?>\n<a>\n  <!-- <b>no</b> --><b k=\"v &lt; w\">x &amp; y</b><b/>\n</a>\n";
  const auto xml = Xml::parse(text);
  REQUIRE(xml);
  CHECK(xml->root().name() == "a");
  const XmlNode b = xml->root().child("b");
  REQUIRE(b);
  CHECK(b.text() == "x & y");
  CHECK(b.offset() == text.find("<b k"));
  std::string seen;
  b.each_attribute(
      [&](std::string_view name, std::string_view value) { seen = std::string(name) + "=" + std::string(value); });
  CHECK(seen == "k=v < w");
  CHECK(b.next().text().empty());
  CHECK_FALSE(b.next().next());
  CHECK_FALSE(xml->root().child("c"));
  CHECK(XmlNode().text().empty());
}

TEST_CASE("an error in XML has its line and column") {
  const auto broken = Xml::parse("<a>\n  <b></c>\n</a>\n");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Code::malformed);
  CHECK(broken.error().line == 2);
  CHECK(broken.error().message == "an end tag does not match its start tag");
  CHECK_FALSE(Xml::parse(""));
  CHECK_FALSE(Xml::parse("words"));
  CHECK_FALSE(Xml::parse("<a/><b/>"));
}

TEST_CASE("a plain file is read as the library would read it") {
  constexpr std::string_view pieces[] = {
      "<a>", "</a>", "<b>",      "</b>",          "<b/>",  "<a />",    "</a >",      "<c k=\"v\">", "</c>",
      "x",   " ",    "\n",       "\r\n",          "\t",    "1 2",      "&amp;",      "&x;",         ">",
      "<",   "/",    "<!-- -->", "<![CDATA[x]]>", "<?p?>", "\xc3\xa9", "<\xc3\xa9>", "<b-1.c_>",    "</b-1.c_>"};
  std::mt19937 dice(7);
  std::size_t whole = 0;
  for (int round = 0; round < 20000; ++round) {
    // Well-formed at first, then a piece put anywhere or taken from anywhere.
    std::vector<std::string> parts = {"<a>"};
    std::vector<std::string> open = {"</a>"};
    while (!open.empty()) {
      const auto choice = dice() % 6;
      if (choice < 2 && open.size() < 6) {
        parts.emplace_back(choice == 0 ? "<a>" : "<b>");
        open.emplace_back(choice == 0 ? "</a>" : "</b>");
      } else if (choice == 2) {
        parts.emplace_back(pieces[9 + dice() % 6]);
      } else if (choice == 3) {
        parts.emplace_back("<b/>");
      } else {
        parts.push_back(open.back());
        open.pop_back();
      }
    }
    if (round % 2 == 1)
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(dice() % (parts.size() + 1)),
                   std::string(pieces[dice() % std::size(pieces)]));
    std::string text;
    for (const std::string& part : parts) text += part;
    if (round % 5 == 4) text.erase(dice() % text.size(), 1);
    if (text.find("<!") != std::string::npos || text.find("<?") != std::string::npos) continue;  // both ask the library
    CAPTURE(text);
    const auto ours = Xml::parse(text);
    const std::string asked = text + "<!---->";  // a comment: the library is asked
    CHECK(told(ours) == told(Xml::parse(asked)));
    whole += ours ? 1U : 0U;
  }
  CHECK(whole > 8000);
}

TEST_CASE("of characters beside elements the first are the text, with or without the library") {
  for (const std::string rest : {"", "<!-- -->"}) {
    const std::string text = "<a> \n<b/>x<b>1</b>y</a>" + rest;
    const auto xml = Xml::parse(text);
    REQUIRE(xml);
    CHECK(told(xml->root()) == "<a@0>x<b@5></><b@10>1</></>");
  }
}

TEST_CASE("one room serves one file after the other") {
  Xml xml;
  CHECK_FALSE(xml.root());
  const std::string first = "<a><b>1</b></a>", second = "<c k='2'/>", broken = "<d>", third = "<e/>";
  REQUIRE(xml.read(first));
  CHECK(told(xml.root()) == "<a@0><b@3>1</></>");
  REQUIRE(xml.read(second));
  CHECK(told(xml.root()) == "<c@0 k=2></>");
  CHECK_FALSE(xml.read(broken));
  REQUIRE(xml.read(third));
  CHECK(told(xml.root()) == "<e@0></>");
}

TEST_CASE("entities of a document type are never expanded") {
  const auto xml = Xml::parse("<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;\">]><a>&y;&#65;</a>");
  REQUIRE(xml);
  CHECK(xml->root().text() == "&y;A");
  CHECK(Xml::parse("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a>&e;</a>")->root().text() == "&e;");
}

TEST_CASE("XML that was made to exhaust is refused before it does") {
  std::string deep;
  for (int k = 0; k < 100; ++k) deep += "<a>";
  for (int k = 0; k < 100; ++k) deep += "</a>";
  const auto too_deep = Xml::parse(deep);
  REQUIRE_FALSE(too_deep);
  CHECK(too_deep.error().code == Code::limit);
  Limits roomy;
  roomy.depth = 100;
  CHECK(Xml::parse(deep, roomy));
  Limits tight;
  tight.value_bytes = 10;
  CHECK(Xml::parse("<a></a>", tight));
  CHECK(Xml::parse("<abcdef></abcdef>", tight).error().code == Code::limit);
}

TEST_CASE("text that is written as XML is read as it was") {
  for (const std::string text : {"a&b", "<", ">", "\"", "a\r\nb", "tab\t", "été", " x ", "]]>"}) {
    CAPTURE(text);
    std::string out = "<a k=\"";
    append_xml_attribute(out, text);
    out += "\">";
    append_xml_text(out, text);
    out += "</a>";
    const auto xml = Xml::parse(out);
    REQUIRE(xml);
    CHECK(xml->root().text() == text);
    xml->root().each_attribute([&](std::string_view, std::string_view value) { CHECK(value == text); });
  }
  CHECK(fits_xml("a\tb"));
  CHECK_FALSE(fits_xml("a\x01"));
  CHECK_FALSE(fits_xml("\xff"));
  CHECK(is_xml_name("bndbox"));
  CHECK_FALSE(is_xml_name("1a"));
  CHECK_FALSE(is_xml_name("a b"));
}
