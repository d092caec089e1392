// A contact sheet as one HTML file: pictures inside, boxes as vectors over them, light or dark as the reader's system.
#include "vetset/base/base64.h"
#include "vetset/base/number.h"
#include "vetset/image/encode.h"
#include "vetset/scan/sheet_thumbs.h"

namespace vetset {
namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--ink:#1c1f24;--soft:#5b6470;--line:#d9dde3;--page:#f6f7f9;--card:#fff;--leak:#b3261e;--train:#1d5fa8;--eval:#a15c00}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a3acb8;--line:#343a43;--page:#15181c;--card:#1d2126;--leak:#ff8a80;--train:#8ab8f0;--eval:#f0b460}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:28px 20px 60px}h1{font-size:24px;margin:0 0 4px}p.sum{color:var(--soft);margin:0 0 24px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:0 0 18px}
h2{font-size:16px;margin:0 0 2px}h2 .leak{color:var(--leak)}ul{margin:4px 0 12px;padding-left:18px;color:var(--soft);font-size:13px;overflow-wrap:anywhere}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:18px}.sides.one{grid-template-columns:1fr}
.side>h3{font-size:13px;margin:0 0 8px;letter-spacing:.02em}.left>h3{color:var(--train)}.right>h3{color:var(--eval)}.right{border-left:1px solid var(--line);padding-left:18px}
.row{display:flex;flex-wrap:wrap;gap:12px}figure{margin:0;max-width:240px}figure div{position:relative;line-height:0;width:max-content}
img{border-radius:4px}svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}rect{fill:transparent;stroke-width:2;vector-effect:non-scaling-stroke}
figcaption{font-size:12px;color:var(--soft);overflow-wrap:anywhere;margin-top:4px}.more{align-self:center;color:var(--soft);font-size:13px}
@media(max-width:640px){.sides{grid-template-columns:1fr}.right{border-left:0;padding-left:0}}
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

/// Tenths of a pixel are enough for a box over a thumb.
std::string tenths(double value) {
  const auto whole = static_cast<long>(value * 10 + (value < 0 ? -0.5 : 0.5));
  return (whole < 0 ? "-" : "") + std::to_string(std::abs(whole) / 10) + "." + std::to_string(std::abs(whole) % 10);
}

std::string css_colour(Colour c) {
  return "rgb(" + std::to_string(c.red) + "," + std::to_string(c.green) + "," + std::to_string(c.blue) + ")";
}

Result<std::string> figure(const Thumb& thumb) {
  VETSET_TRY(const std::string jpeg, encode_jpeg(thumb.rgb, 82));
  const std::string width = std::to_string(thumb.rgb.width), height = std::to_string(thumb.rgb.height);
  std::string out = "<figure><div><img width=\"" + width + "\" height=\"" + height + "\" alt=\"" + escaped(thumb.path) +
                    "\" src=\"data:image/jpeg;base64," + base64(jpeg) + "\">";
  if (!thumb.boxes.empty()) {
    out += "<svg viewBox=\"0 0 " + width + " " + height + "\" preserveAspectRatio=\"none\">";
    for (const SheetBox& box : thumb.boxes)
      out += "<rect x=\"" + tenths(box.x) + "\" y=\"" + tenths(box.y) + "\" width=\"" + tenths(box.width) +
             "\" height=\"" + tenths(box.height) + "\" stroke=\"" + css_colour(box.colour) + "\"><title>" +
             escaped(box.label) + "</title></rect>";
    out += "</svg>";
  }
  out += "</div><figcaption>" + escaped(thumb.path);
  if (!thumb.decoded) out += " (cannot be shown)";
  return out + "</figcaption></figure>";
}

Result<std::string> side(std::span<const Thumb> thumbs, std::string_view name, std::size_t more, bool right) {
  std::string out = std::string("<div class=\"side ") + (right ? "right" : "left") + "\"><h3>" +
                    escaped(name.empty() ? "in no split" : name) + "</h3><div class=\"row\">";
  for (const Thumb& thumb : thumbs) {
    VETSET_TRY(const std::string one, figure(thumb));
    out += one;
  }
  if (more > 0) out += "<span class=\"more\">and " + std::to_string(more) + " more</span>";
  return out + "</div></div>";
}

Result<std::string> section(const SheetCluster& cluster, const std::vector<Thumb>& thumbs, std::size_t number) {
  const std::size_t images = cluster.left.size() + cluster.right.size() + cluster.more_left + cluster.more_right;
  std::string out = "<section><h2>" + std::to_string(number) + ". " + escaped(cluster.title) + ", " +
                    std::to_string(images) + " images";
  if (cluster.leak())
    out += " <span class=\"leak\">across " + escaped(cluster.left_splits) + " and " + escaped(cluster.right_splits) +
           "</span>";
  out += "</h2><ul>";
  for (const std::string& line : cluster.evidence) out += "<li>" + escaped(line) + "</li>";
  if (cluster.more_evidence > 0) out += "<li>and " + std::to_string(cluster.more_evidence) + " more links</li>";
  out += std::string("</ul><div class=\"sides") + (cluster.leak() ? "" : " one") + "\">";
  const std::span<const Thumb> all(thumbs);
  VETSET_TRY(const std::string left,
             side(all.first(cluster.left.size()), cluster.left_splits, cluster.more_left, false));
  out += left;
  if (cluster.leak()) {
    VETSET_TRY(const std::string right,
               side(all.subspan(cluster.left.size()), cluster.right_splits, cluster.more_right, true));
    out += right;
  }
  return out + "</div></section>\n";
}

}  // namespace

Result<std::string> sheet_html(const Sheet& sheet, const Dataset& d, const Tree& media, const Pool& pool,
                               const Progress& progress) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>" +
      escaped(sheet.title) + "</title><style>" + std::string(style) + "</style></head><body><main>\n<h1>" +
      escaped(sheet.title) + "</h1><p class=\"sum\">" + escaped(summary_of(sheet)) + "</p>\n";
  const ThumbMaker maker(d, media, pool);
  for (std::size_t k = 0; k < sheet.clusters.size(); ++k) {
    if (progress.stopped()) return Error{Code::cancelled, "stopped while drawing"};
    progress.tell("drawing", k, sheet.clusters.size());
    VETSET_TRY(const std::string one, section(sheet.clusters[k], maker.of(sheet.clusters[k]), k + 1));
    out += one;
  }
  if (sheet.more > 0) out += "<p class=\"sum\">and " + std::to_string(sheet.more) + " clusters more</p>\n";
  return out + "</main></body></html>\n";
}

}  // namespace vetset
