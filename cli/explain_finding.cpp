#include "cli/explain_finding.h"

#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/check/words.h"

namespace vetset::cli {
namespace {

Ink ink_of(Severity severity) {
  return severity == Severity::error ? Ink::red : severity == Severity::warning ? Ink::yellow : Ink::cyan;
}

std::string_view certainty(EvidenceClass evidence) {
  switch (evidence) {
    case EvidenceClass::proof: return "proved";
    case EvidenceClass::calibrated: return "measured";
    case EvidenceClass::hint: break;
  }
  return "a hint";
}

/// The lines around a place; long ones are cut around its column.
void print_source(Terminal& t, const Source& source, const Place& place) {
  if (place.line == 0) return;
  constexpr std::uint64_t around = 4096, whole = 64U << 20;
  std::uint64_t begin = 0;
  Range range{.offset = 0, .size = whole};
  if (place.offset) {
    begin = *place.offset > around ? *place.offset - around : 0;
    range = {.offset = begin, .size = 2 * around};
  }
  const auto bytes = source.tree->read(place.file, range);
  if (!bytes) return;
  const std::string_view text = *bytes;
  // Where the line begins in what was read.
  std::size_t start = 0;
  if (place.offset) {
    const auto at = static_cast<std::size_t>(*place.offset - begin);
    const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    start = before == std::string_view::npos ? 0 : before + 1;
  } else {
    for (std::uint32_t line = 1; line < place.line && start < text.size(); ++line)
      start = std::min(text.find('\n', start), text.size() - 1) + 1;
  }
  std::uint32_t line = place.line;
  for (int above = 0; above < 2 && start > 1; ++above, --line) {
    const std::size_t before = text.rfind('\n', start - 2);
    if (before == std::string_view::npos && begin != 0) break;
    start = before == std::string_view::npos ? 0 : before + 1;
  }
  const std::size_t number_width = std::to_string(place.line + 2).size();
  const std::size_t room = text_width(t) > number_width + 8 ? text_width(t) - number_width - 8 : 24;
  t.out("\n");
  for (; start < text.size() && line <= place.line + 2; ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string_view shown = text.substr(start, end - start);
    if (shown.ends_with('\r')) shown.remove_suffix(1);
    const bool here = line == place.line;
    // A long line is shown from a little before the place.
    const std::size_t column = here && place.offset ? static_cast<std::size_t>(*place.offset - begin) - start : 0;
    const bool cut_left = shown.size() > room && column > room / 3;
    if (cut_left) shown.remove_prefix(column - room / 3);
    while (cut_left && !shown.empty() && (static_cast<unsigned char>(shown.front()) & 0xC0U) == 0x80U)
      shown.remove_prefix(1);
    const bool cut_right = shown.size() > room;
    if (cut_right) shown = shown.substr(0, room);
    while (cut_right && !shown.empty() && invalid_utf8(shown) && shown.size() > room - 4) shown.remove_suffix(1);
    const std::string number = std::to_string(line);
    const std::string head =
        std::string(here ? "  > " : "    ") + std::string(number_width - number.size(), ' ') + number;
    const std::string body = (cut_left ? "…" : "") + printable(shown) + (cut_right ? "…" : "");
    t.out(t.ink(here ? Ink::bold : Ink::dim, head) + t.ink(Ink::dim, " │ ") + (here ? body : t.ink(Ink::dim, body)) +
          "\n");
    start = end + 1;
  }
}

class FindingPrinter {
 public:
  FindingPrinter(Terminal& t, const Source& source, const CheckReport& report, const CanonicalRows& rows)
      : t_(t), source_(source), d_(source.dataset), report_(report), rows_(rows) {}

  void print(const Finding& f, const About& named, const Place& place, const std::string& fingerprint) {
    const Rule* rule = rule_of(report_, f.code);
    if (rule != nullptr) print_heading(t_, *rule, f.severity, f.evidence);
    std::string where = printable(place.file);
    if (place.line != 0) where += ":" + std::to_string(place.line);
    if (place.line != 0 && place.column > 1) where += ":" + std::to_string(place.column);
    if (!where.empty()) t_.out(where + "\n");
    t_.out("  " + wrapped(printable(f.message), 2, text_width(t_)));
    if (!f.fix.empty()) t_.out("  → " + wrapped(printable(f.fix), 4, text_width(t_)));
    print_source(t_, source_, place);
    t_.out("\n" + t_.ink(Ink::bold, "Evidence") + "\n");
    if (const auto* i = std::get_if<ImageIndex>(&f.where)) image("image", *i);
    if (const auto* pair = std::get_if<ImagePair>(&f.where)) {
      image("image", pair->first);
      image("other image", pair->second);
    }
    if (const auto* a = std::get_if<AnnotationIndex>(&f.where)) annotation("object", *a, true);
    if (const auto* pair = std::get_if<AnnotationPair>(&f.where)) {
      annotation("object", pair->first, false);
      annotation("and", pair->second, true);
    }
    if (!named.category.empty()) line("class", quoted(named.category));
    if (f.score) line("off by", measure(*f.score));
    line("fingerprint", fingerprint);
    print_rows(f.where);
    print_waiver(f, named, place);
  }

 private:
  /// What is said of the record, all of it, as the model holds it.
  void print_rows(const Where& where) {
    std::vector<std::string> rows;
    if (const auto* i = std::get_if<ImageIndex>(&where)) rows.push_back(rows_.of(*i));
    if (const auto* pair = std::get_if<ImagePair>(&where)) rows = {rows_.of(pair->first), rows_.of(pair->second)};
    if (const auto* a = std::get_if<AnnotationIndex>(&where)) rows.push_back(rows_.of(*a));
    if (const auto* pair = std::get_if<AnnotationPair>(&where)) rows = {rows_.of(pair->first), rows_.of(pair->second)};
    if (const auto* c = std::get_if<CategoryIndex>(&where)) rows.push_back(rows_.of(*c));
    if (rows.empty()) return;
    t_.out("\n" + t_.ink(Ink::bold, rows.size() == 1 ? "Row" : "Rows") + "\n");
    constexpr std::size_t most = 600;  // an outline has thousands of numbers
    for (const std::string& row : rows)
      t_.out("  " + wrapped(printable(row.substr(0, most)) + (row.size() > most ? " …" : ""), 2, text_width(t_)));
  }

  /// What vetset.toml takes, for who decides that it may stay.
  void print_waiver(const Finding& f, const About& named, const Place& place) {
    const std::string& path = named.image.empty() ? place.file : named.image;
    std::string text = "  [[waiver]]\n  rule = " + toml_word(f.code) + "\n";
    if (!path.empty()) text += "  path = " + toml_word(path) + "\n";
    std::string_view id = named.annotation;
    if (id.size() > 1 && id.front() == '"') id = id.substr(1, id.size() - 2);
    if (!id.empty()) text += "  annotation = " + toml_word(id) + "\n";
    t_.out("\n" + t_.ink(Ink::bold, "To let it stand") + ", in vetset.toml\n" + text +
           "  reason = \"…\"\n  by = \"…\"\n  until = 2027-12-31\n");
  }

  /// A text of TOML; in quotes that take it as it is, where they can.
  static std::string toml_word(std::string_view text) {
    const std::string safe = printable(text);
    if (safe.find_first_of("\"\\") == std::string::npos) return '"' + safe + '"';
    if (safe.find('\'') == std::string::npos) return '\'' + safe + '\'';
    std::string out;
    append_json_string(out, safe);
    return out;
  }

  void line(std::string_view what, const std::string& text) {
    t_.out("  " + t_.ink(Ink::dim, padded(what, 13)) + wrapped(text, 15, text_width(t_)));
  }

  static std::string size_text(std::uint32_t width, std::uint32_t height) {
    return std::to_string(width) + "x" + std::to_string(height);
  }

  void image(std::string_view what, ImageIndex i) {
    const Image& image = d_[i];
    std::string text = printable(d_.path(i));
    if (image.width != 0) {
      text += ", " + size_text(image.width, image.height);
      text += image.size_origin == SizeOrigin::stated ? " as stated" : " by its header";
    }
    line(what, text);
    if (const std::string disk = image.media.empty() ? std::string() : source_.media().disk_path(d_.text(image.media));
        !disk.empty() && disk != d_.path(i))
      line("picture", printable(disk));
    if (report_.facts.size() != d_.images.size()) return;
    const Facts& facts = report_.facts[to_size(i)];
    if (facts.status == Facts::Status::absent) return line("its file", "not here");
    std::string file = std::string(name(facts.type)) + ", " + byte_size(facts.bytes);
    if (facts.width != 0) file += ", stored " + size_text(facts.width, facts.height);
    if (facts.orientation > 1)
      file += ", EXIF orientation " + std::to_string(facts.orientation) + ": shown " +
              size_text(facts.shown_width(), facts.shown_height());
    if (!facts.reason.empty()) file += "; " + printable(facts.reason);
    line("its file", file);
    if (facts.has_digest) line("SHA-256", facts.digest.hex());
  }

  void annotation(std::string_view what, AnnotationIndex i, bool with_image) {
    const Annotation& a = d_[i];
    const std::string id = d_.id_json(d_.annotation_ids, to_size(i));
    std::string text = std::string(name(a.kind));
    if (!id.empty()) text = "annotation " + printable(id) + ", " + text;
    if (a.category != none<CategoryIndex>) text += " of class " + quoted(d_[a.category].name);
    line(what, text);
    if (a.box_origin == Origin::stated || a.box_origin == Origin::derived)
      line("box", "x " + measure(a.box.x) + ", y " + measure(a.box.y) + ", " + measure(a.box.width) + " wide, " +
                      measure(a.box.height) + " high (px)" +
                      (a.box_origin == Origin::derived ? ", from its shape" : ""));
    if (!is_unstated(d_.area(i))) line("area", measure(d_.area(i)) + " as stated");
    if (const auto area = shape_area(d_, a)) line("shape", measure(*area) + " px in area");
    if (const std::string_view row = d_.authored_text(i); !row.empty())
      line("written as", printable(row.substr(0, 200)));
    if (with_image && a.image != none<ImageIndex>) image("image", a.image);
  }

  Terminal& t_;
  const Source& source_;
  const Dataset& d_;
  const CheckReport& report_;
  const CanonicalRows& rows_;
};

}  // namespace

std::size_t text_width(const Terminal& t) { return std::min<std::size_t>(t.width(), 100); }

void print_heading(Terminal& t, const Rule& rule, Severity severity, EvidenceClass evidence) {
  t.out(t.ink(Ink::bold, rule.code) + " " + t.ink(Ink::bold, rule.name) + "  " +
        t.ink(ink_of(severity), name(severity)) + t.ink(Ink::dim, ", " + std::string(certainty(evidence))) + "\n");
}

void print_finding(Terminal& t, const Source& source, const CheckReport& report, const CanonicalRows& rows,
                   const Finding& finding, const Place& place, const std::string& fingerprint) {
  FindingPrinter(t, source, report, rows).print(finding, about(source.dataset, finding), place, fingerprint);
}

}  // namespace vetset::cli
