// Pages as one HTML file: no script, no font, no picture from elsewhere.
#include "vetset/base/number.h"
#include "vetset/base/page.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--ink:#1c1f24;--soft:#5b6470;--line:#d9dde3;--page:#fff;--code:#f1f3f6;--bar:#3b78c4;--link:#1d5fa8}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a3acb8;--line:#343a43;--page:#15181c;--code:#22272e;--bar:#5f9be6;--link:#8ab8f0}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:880px;margin:0 auto;padding:36px 22px 72px}
h1{font-size:28px;line-height:1.25;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:19px;margin:36px 0 10px;padding-top:14px;border-top:1px solid var(--line)}
h3{font-size:16px;margin:24px 0 6px}
p{margin:8px 0 12px}
ul{margin:8px 0 14px;padding-left:22px}li{margin:3px 0}
a{color:var(--link)}
code{background:var(--code);border-radius:4px;padding:1px 5px;font:13.5px/1.5 ui-monospace,monospace;overflow-wrap:break-word}
code.long{overflow-wrap:anywhere}
pre{background:var(--code);border-radius:8px;padding:12px 14px;overflow-x:auto;margin:10px 0 16px}
pre code{background:none;padding:0;overflow-wrap:normal}
.scroll{overflow-x:auto;margin:10px 0 18px}
table{border-collapse:collapse;width:100%;font-size:14.5px}
th{text-align:left;color:var(--soft);font-weight:600;border-bottom:2px solid var(--line);padding:5px 10px 5px 0;vertical-align:bottom}
td{border-bottom:1px solid var(--line);padding:5px 10px 5px 0;vertical-align:top;overflow-wrap:break-word}
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.bar{display:inline-block;height:10px;border-radius:2px;background:var(--bar);min-width:1px;vertical-align:middle;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.bars{min-width:110px;width:26%}
@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--page:#fff;--code:#f3f3f3;--bar:#555;--link:#000}
main{max-width:none;padding:0}h2,h3{break-after:avoid}tr,pre,li{break-inside:avoid}.scroll{overflow:visible}
pre code{white-space:pre-wrap;overflow-wrap:anywhere}@page{margin:18mm 16mm}}
)";

std::string line_html(const Line& line) {
  std::string out;
  for (const Span& s : line) {
    switch (s.kind) {
      case Span::Kind::plain: out += html_text(s.text); break;
      case Span::Kind::strong: out += "<strong>" + html_text(s.text) + "</strong>"; break;
      case Span::Kind::code:  // short ones are not broken, so that a column of them keeps its width
        out += (s.text.size() > 24 ? "<code class=\"long\">" : "<code>") + html_text(s.text) + "</code>";
        break;
      case Span::Kind::link:
        out += "<a rel=\"noreferrer\" href=\"" + html_text(s.target) + "\">" + html_text(s.text) + "</a>";
        break;
      case Span::Kind::bar: {
        std::string percent;
        append_fixed(percent, s.share * 100, 1);
        if (s.share > 0) out += "<span class=\"bar\" style=\"width:" + percent + "%\"></span>";
        break;
      }
    }
  }
  return out;
}

bool is_bar(const Line& cell) { return cell.size() == 1 && cell[0].kind == Span::Kind::bar; }

void append_table(std::string& out, const Block& b) {
  out += "<div class=\"scroll\"><table><thead><tr>";
  for (std::size_t i = 0; i < b.lines.size(); ++i)
    out += (b.right[i] ? "<th class=\"n\">" : "<th>") + line_html(b.lines[i]) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (const auto& row : b.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool right = i < b.right.size() && b.right[i];
      out += (is_bar(row[i]) ? "<td class=\"bars\">"
              : right        ? "<td class=\"n\">"
                             : "<td>") +
             line_html(row[i]) + "</td>";
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string to_html(const Page& page) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n<title>" +
      html_text(page.title()) + "</title>\n<style>" + std::string(style) + "</style>\n</head>\n<body>\n<main>\n<h1>" +
      html_text(page.title()) + "</h1>\n";
  for (const Block& b : page.blocks()) {
    switch (b.kind) {
      case Block::Kind::heading: {
        const std::string tag = "h" + std::to_string(b.level);
        out += "<" + tag + ">" + line_html(b.lines[0]) + "</" + tag + ">\n";
        break;
      }
      case Block::Kind::paragraph: out += "<p>" + line_html(b.lines[0]) + "</p>\n"; break;
      case Block::Kind::list:
        out += "<ul>\n";
        for (const Line& item : b.lines) out += "<li>" + line_html(item) + "</li>\n";
        out += "</ul>\n";
        break;
      case Block::Kind::table: append_table(out, b); break;
      case Block::Kind::commands: {
        out += "<pre><code>";
        for (const std::string& line : b.command_lines()) out += html_text(line) + "\n";
        out += "</code></pre>\n";
        break;
      }
    }
  }
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace vetset
