// XML: places, limits, and what is never expanded.
#include "vetset/base/xml.h"

#include <doctest/doctest.h>

#include <string>

using namespace vetset;

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
