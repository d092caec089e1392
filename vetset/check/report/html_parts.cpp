#include "vetset/check/report/html_parts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "vetset/base/base64.h"
#include "vetset/base/number.h"
#include "vetset/base/page.h"
#include "vetset/base/unicode.h"

namespace vetset {
namespace {

/// So many bytes at most, its middle left out, whole characters only.
std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  std::size_t head = most * 2 / 3, tail = text.size() - most / 3;
  while (head > 0 && continues(text[head])) --head;
  while (tail < text.size() && continues(text[tail])) ++tail;
  return std::string(text.substr(0, head)) + "…" + std::string(text.substr(tail));
}

/// Whose home folder a path lies in is nobody's business: "/home/ann/x" becomes "/home/…/x".
std::string without_homes(std::string text) {
  // A name ends at the next separator or quote; where names rarely hold blanks, at a blank, too.
  static constexpr std::pair<std::string_view, std::string_view> homes[] = {
      {"/home/", "/\\ '\"`,)"}, {"/Users/", "/\\ '\"`,)"}, {"\\Users\\", "/\\'\"`,)"}, {"\\Users\\\\", "/\\'\"`,)"}};
  for (const auto& [before, ends] : homes)
    for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at + before.size())) {
      const bool inside =
          before.front() == '/' && at > 0 && std::string_view(" :'\"`(=,").find(text[at - 1]) == std::string_view::npos;
      const std::size_t begin = at + before.size(), end = std::min(text.find_first_of(ends, begin), text.size());
      if (!inside && end > begin) text.replace(begin, end - begin, "…");
    }
  return text;
}

/// Tenths of a pixel are enough over a small picture.
std::string tenths(double value) {
  std::string text;
  append_fixed(text, std::clamp(value, -1e5, 1e5), 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string_view class_of(PictureMark::Role role) {
  switch (role) {
    case PictureMark::Role::finding: return "m1";
    case PictureMark::Role::second: return "m2";
    case PictureMark::Role::before: return "mb";
    case PictureMark::Role::after: return "ma";
    case PictureMark::Role::proposed: return "mp";
    case PictureMark::Role::other: break;
  }
  return "mo";
}

std::string mark_html(const PictureMark& mark) {
  if (std::any_of(mark.points.begin(), mark.points.end(), [](double v) { return !std::isfinite(v); })) return {};
  std::string out = "<polygon class=\"" + std::string(class_of(mark.role)) + "\" points=\"";
  for (std::size_t k = 0; k + 1 < mark.points.size(); k += 2)
    out += (k == 0 ? "" : " ") + tenths(mark.points[k]) + "," + tenths(mark.points[k + 1]);
  out += "\"";
  if (mark.label.empty()) return out + "/>";
  return out + "><title>" + data_html(mark.label, 60) + "</title></polygon>";
}

/// Which outline is the label and which a model's, in words, where a picture has both styles.
std::string key_html(const ReportPicture& picture) {
  const auto first = [&](PictureMark::Role role) {
    return std::find_if(picture.marks.begin(), picture.marks.end(),
                        [&](const PictureMark& mark) { return mark.role == role; });
  };
  const auto proposed = first(PictureMark::Role::proposed), given = first(PictureMark::Role::finding);
  if (proposed == picture.marks.end()) return {};
  const auto line = [](std::string_view kind, std::string_view who, const PictureMark& mark) {
    return "<span class=\"of\"><i class=\"key " + std::string(kind) + "\"></i>" + std::string(who) + " <code>" +
           data_html(mark.label, 60) + "</code></span> ";
  };
  return "<small>" + (given != picture.marks.end() ? line("k1", "label", *given) : "") +
         line("kp", "model", *proposed) + "</small>";
}

}  // namespace

std::string data_text(std::string_view text, std::size_t most) {
  return printable(without_homes(shortened(text, most)));
}

std::string data_html(std::string_view text, std::size_t most) { return html_text(data_text(text, most)); }

std::string message_html(std::string_view text, std::size_t most) {
  // Cut at its end, where names in backquotes stay pairs.
  std::string shown = data_text(text, 8 * most);
  if (shown.size() > most) {
    while (most > 0 && (static_cast<unsigned char>(shown[most]) & 0xC0U) == 0x80U) --most;
    shown = shown.substr(0, most) + "…";
  }
  const std::string safe = html_text(shown);
  std::string out;
  for (std::size_t i = 0; i < safe.size();) {
    const std::size_t open = safe.find('`', i);
    if (open == std::string::npos) return out + safe.substr(i);
    const std::size_t close = std::min(safe.find('`', open + 1), safe.size());
    out += safe.substr(i, open - i) + "<code>" + safe.substr(open + 1, close - open - 1) + "</code>";
    i = close + 1;
  }
  return out;
}

std::string page_line_html(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    const auto until = [&](std::string_view end, std::size_t from) { return line.find(end, from); };
    if (line[i] == '`') {
      if (const std::size_t end = until("`", i + 1); end != std::string_view::npos) {
        out += "<code>" + html_text(line.substr(i + 1, end - i - 1)) + "</code>";
        i = end + 1;
        continue;
      }
    }
    if (line.substr(i).starts_with("**")) {
      if (const std::size_t end = until("**", i + 2); end != std::string_view::npos) {
        out += "<strong>" + html_text(line.substr(i + 2, end - i - 2)) + "</strong>";
        i = end + 2;
        continue;
      }
    }
    if (line[i] == '[') {
      const std::size_t middle = until("](", i), end = middle == std::string_view::npos ? middle : until(")", middle);
      if (end != std::string_view::npos) {
        out += page_line_html(line.substr(i + 1, middle - i - 1));
        i = end + 1;
        continue;
      }
    }
    const std::size_t next = std::min(line.find_first_of("`*[", i + 1), line.size());
    out += html_text(line.substr(i, next - i));
    i = next;
  }
  return out;
}

std::string percent_of(std::uint64_t part, std::uint64_t whole) {
  if (part == 0 || whole == 0) return "0 %";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (share < 0.1) return "<0.1 %";
  std::string text;
  append_fixed(text, share, share < 10 ? 1 : 0);
  return text + " %";
}

std::string bar_html(double share, std::string_view kind) {
  std::string width;
  append_fixed(width, std::clamp(share, 0.0, 1.0) * 100, 2);
  std::string out = "<svg class=\"bar";
  if (!kind.empty()) (out += ' ') += kind;
  return out +
         "\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"bg\" width=\"100\" "
         "height=\"8\"/><rect width=\"" +
         width + "\" height=\"8\"/></svg>";
}

std::string command_html(std::string_view command) {
  return "<span class=\"cmd\"><code>" + data_html(command, 2000) +
         "</code><button type=\"button\" class=\"copy\" aria-label=\"copy: " + data_html(command, 120) +
         "\">Copy</button></span>";
}

std::string picture_html(const ReportPicture& picture) {
  const std::string name = data_html(picture.path, 160);
  std::string out = "<figure>";
  if (picture.jpeg.empty()) {
    out += "<div class=\"none\">cannot be shown</div>";
  } else {
    const std::string width = std::to_string(picture.width), height = std::to_string(picture.height);
    out += "<div class=\"shot\"><img width=\"" + width + "\" height=\"" + height + "\" alt=\"" + name +
           (picture.part ? ", a part" : "") + "\" src=\"data:image/jpeg;base64," + base64(picture.jpeg) + "\">";
    if (!picture.marks.empty()) {
      out += "<svg viewBox=\"0 0 " + width + " " + height + "\" aria-hidden=\"true\">";
      for (const PictureMark& mark : picture.marks) out += mark_html(mark);
      out += "</svg>";
    }
    out += "</div>";
  }
  out += "<figcaption>" + name;
  std::string more;
  const auto add = [&](std::string text) { more += (more.empty() ? "" : " · ") + std::move(text); };
  if (!picture.split.empty()) add("in " + data_html(picture.split, 60));
  if (picture.part) add("a part of it");
  if (!more.empty()) out += "<small>" + more + "</small>";
  return out + key_html(picture) + "</figcaption></figure>\n";
}

std::size_t html_bytes(const ReportPicture& picture) { return picture_html(picture).size(); }

std::string_view word_of(EvidenceClass evidence) {
  switch (evidence) {
    case EvidenceClass::proof: return "proved";
    case EvidenceClass::calibrated: return "estimated";
    case EvidenceClass::hint: break;
  }
  return "hint";
}

std::string anchor_of(std::string_view code) { return "rule-" + std::string(code); }

}  // namespace vetset
