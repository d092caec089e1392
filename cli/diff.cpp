// vetset diff: what became of a dataset, record by record, between two versions or two formats.
#include <algorithm>
#include <cstdio>

#include "cli/command.h"
#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/dataset/diff_text.h"
#include "vetset/vetset.h"

namespace vetset::cli {
namespace {

struct DiffFlags {
  std::string before, after, output = "text", tolerance;
  std::vector<std::string> only, ignore;
  std::string from, images_dir;
  unsigned threads = 0;
  bool no_images = false, json = false, all = false;
};

std::string sign(const Terminal& t, Outcome outcome) {
  if (outcome == Outcome::added) return t.ink(Ink::green, "+");
  if (outcome == Outcome::lost) return t.ink(Ink::red, "−");
  return t.ink(Ink::yellow, "±");
}

std::string field_text(Field field) {
  const std::string_view whole = name(field);
  const std::size_t dot = whole.find('.');
  return std::string(dot == std::string_view::npos ? whole : whole.substr(dot + 1));
}

/// Whether all that changed of an image is the folder that it is in.
bool only_folder(const Diff::ImageChange& c) {
  return !c.renamed_to.empty() && base_name(c.renamed_to) == base_name(c.path) && !c.moved && !c.media &&
         c.fields.empty() && c.added + c.removed + c.changed == 0;
}

std::string change_text(const Diff::FieldChange& c) {
  if (name(c.field).find('.') == std::string_view::npos)  // the record itself
    return c.outcome == Outcome::added ? "new" : c.outcome == Outcome::lost ? "gone" : "changed";
  const auto [before, after] = values_for_people(c);
  if (c.outcome == Outcome::added) return field_text(c.field) + " added: " + printable(after);
  if (c.outcome == Outcome::lost) return field_text(c.field) + " removed: " + printable(before);
  return field_text(c.field) + " " + printable(before) + " → " + printable(after);
}

/// "+3 −1 ±2", in colours.
std::string counts(const Terminal& t, std::uint64_t added, std::uint64_t removed, std::uint64_t changed) {
  std::string out;
  const auto add = [&](Ink ink, std::string_view mark, std::uint64_t count) {
    if (count > 0) out += (out.empty() ? "" : " ") + t.ink(ink, std::string(mark) + with_commas(count));
  };
  add(Ink::green, "+", added);
  add(Ink::red, "−", removed);
  add(Ink::yellow, "±", changed);
  return out;
}

std::string row(const Terminal& t, Ink ink, std::string_view label, const std::string& text) {
  return "  " + t.ink(ink, padded(label, 14)) + "  " + wrapped(text, 18, t.width());
}

std::string heading(const Terminal& t, const Diff& d) {
  const auto side = [](const Diff::Size& s, const std::string& format) {
    return format + "  " + counted(s.images, "image") + ", " + counted(s.objects, "object") + ", " +
           counted(s.classes, "class", "classes");
  };
  return t.ink(Ink::dim, "before  ") + side(d.before, d.format_before) + "\n" + t.ink(Ink::dim, "after   ") +
         side(d.after, d.format_after) + "\n";
}

std::string totals(const Terminal& t, const Diff& d) {
  std::string out;
  const auto line = [&](std::string_view what, const std::string& text) {
    if (!text.empty()) out += "  " + padded(what, 14) + "  " + text + "\n";
  };
  std::string images = counts(t, d.images_added, d.images_removed, d.images_changed);
  const auto more = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) images += (images.empty() ? "" : ", ") + with_commas(count) + " " + std::string(what);
  };
  const auto in_folders =
      static_cast<std::uint64_t>(std::count_if(d.images.begin(), d.images.end(), [](const Diff::ImageChange& c) {
        return !c.renamed_to.empty() && base_name(c.renamed_to) == base_name(c.path);
      }));
  more(d.images_renamed - in_folders, "renamed");
  more(in_folders, "in another folder");
  more(d.images_moved, "in another split");
  more(d.media_changed, "with other bytes");
  line("images", images);
  line("objects", counts(t, d.objects_added, d.objects_removed, d.objects_changed));
  std::string fields;
  for (const Diff::Summary& s : d.fields) {
    if (s.field == Field::annotation || s.field == Field::image) continue;
    std::string text = std::string(name(s.field)) + " " + with_commas(s.count);
    if (s.largest > 0 && s.largest < 1e300 && !s.unit.empty()) {
      char shown[32];
      std::snprintf(shown, sizeof shown, "%.3g", s.largest);
      text += " (at most " + std::string(shown) + " " + std::string(s.unit) + ")";
    }
    fields += (fields.empty() ? "" : " · ") + text;
  }
  if (!fields.empty()) out += row(t, Ink::plain, "fields", fields);
  return out;
}

std::string classes(const Terminal& t, const Diff& d, std::size_t most) {
  std::string out;
  std::size_t shown = 0, more = 0, widest = 5;
  const auto differs = [](const Diff::ClassChange& c) {
    return c.outcome != Outcome::kept || c.before != c.after || c.added + c.removed + c.changed > 0 ||
           !c.fields.empty();
  };
  for (const Diff::ClassChange& c : d.classes)
    if (differs(c)) widest = std::max(widest, std::min<std::size_t>(display_width(printable(c.name)), 40));
  for (const Diff::ClassChange& c : d.classes) {
    if (!differs(c)) continue;
    if (shown++ >= most) {
      ++more;
      continue;
    }
    std::string line = "  " + padded(printable(c.name), widest) + "  " + with_commas(c.before) + " → " +
                       with_commas(c.after) + "  " + counts(t, c.added, c.removed, c.changed);
    if (c.outcome == Outcome::added) line += "  new class";
    if (c.outcome == Outcome::lost) line += "  class gone";
    for (const Diff::FieldChange& f : c.fields) line += "  " + change_text(f);
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  if (more > 0) out += "  and " + counted(more, "more class", "more classes") + "\n";
  return out.empty() ? out : "\nCLASSES\n" + out;
}

std::string image(const Terminal& t, const Diff::ImageChange& c, std::size_t most) {
  std::string what;
  const auto add = [&](const std::string& part) { what += (what.empty() ? "  " : ", ") + part; };
  if (!c.renamed_to.empty() && base_name(c.renamed_to) != base_name(c.path))
    add("renamed to " + printable(c.renamed_to));
  if (c.moved)
    add((c.splits_before.empty() ? "no split" : printable(c.splits_before)) + " → " +
        (c.splits_after.empty() ? "no split" : printable(c.splits_after)));
  if (c.media) add("other bytes");
  for (const Diff::FieldChange& f : c.fields) add(change_text(f));
  std::string out = sign(t, c.outcome) + " " + t.ink(Ink::bold, printable(c.path)) + what + "\n";
  for (std::size_t k = 0; k < c.objects.size(); ++k) {
    const Diff::ObjectChange& o = c.objects[k];
    if (k == most) {
      out += "    and " + with_commas(c.added + c.removed + c.changed - k) + " more\n";
      break;
    }
    std::string text = printable(o.outcome == Outcome::added ? o.is : o.was) + ", " + printable(o.name);
    if (!o.box.empty()) text += "  " + printable(rounded_numbers(o.box, 2));
    for (std::size_t f = 0; f < o.fields.size(); ++f) text += (f == 0 ? "  " : "; ") + change_text(o.fields[f]);
    out += "    " + sign(t, o.outcome) + " " + wrapped(text, 8, t.width());
  }
  return out;
}

/// "yolo has no annotation.area, annotation.id": fields gathered by who lacks them and how.
std::string not_comparable(const Terminal& t, const Diff& d) {
  std::vector<std::pair<std::string, std::string>> groups;
  for (const Diff::NotComparable& n : d.not_comparable) {
    const bool lacks = n.why == "has none";
    const std::string head =
        lacks ? n.format + " has no " : n.format + " " + (n.why == "rounds" ? "rounds " : "has its own ");
    auto at = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == head; });
    if (at == groups.end()) at = groups.insert(groups.end(), {head, ""});
    const std::string field(name(n.field));
    if ((", " + at->second + ",").find(", " + field + ",") == std::string::npos)
      at->second += (at->second.empty() ? "" : ", ") + field;
  }
  std::string out;
  for (const auto& [head, fields] : groups) out += row(t, Ink::dim, out.empty() ? "not comparable" : "", head + fields);
  return out;
}

std::string told(const Terminal& t, const Diff& d, bool all) {
  constexpr std::size_t nothing_left = ~std::size_t{0};
  const std::size_t most_images = all ? nothing_left : 20, most_objects = all ? nothing_left : 8;
  std::string out = heading(t, d) + "\n";
  if (d.equal) {
    out += "  " + t.ink(Ink::green, "no difference") +
           (d.format_before == d.format_after || d.before.objects == d.after.objects
                ? ""
                : " in what both formats can hold: see the counts above") +
           "\n";
  } else {
    out += totals(t, d) + classes(t, d, all ? nothing_left : 30);
    if (!d.others.empty()) out += "\nOTHERS\n";
    std::size_t shown = 0;
    for (const Diff::OtherChange& o : d.others) {
      if (shown++ == 20 && !all) {
        out += "  and " + with_commas(d.others.size() - 20) + " more\n";
        break;
      }
      out += "  " + sign(t, o.change.outcome) + " " +
             wrapped((o.where.empty() ? "" : printable(o.where) + "  ") + change_text(o.change), 4, t.width());
    }
    std::vector<const Diff::ImageChange*> images;
    for (const Diff::ImageChange& c : d.images)
      if (!only_folder(c)) images.push_back(&c);
    if (!images.empty()) out += "\nIMAGES\n";
    for (std::size_t k = 0; k < images.size(); ++k) {
      if (k == most_images) {
        out += "  and " + counted(images.size() - k, "more image") + "; --all shows them\n";
        break;
      }
      out += "  " + image(t, *images[k], most_objects);
    }
  }
  std::string notes = not_comparable(t, d);
  std::string spelled;
  for (const Diff::Summary& s : d.spelled)
    spelled += (spelled.empty() ? "" : " · ") + std::string(name(s.field)) + " (" + with_commas(s.count) + ")";
  if (!spelled.empty()) notes += row(t, Ink::dim, "written else", spelled);
  if (d.media_compared == 0) notes += row(t, Ink::dim, "not looked at", "the bytes of the images");
  return notes.empty() ? out : out + "\n" + notes;
}

int run_diff(Terminal& t, const DiffFlags& f) {
  OpenOptions opening{.from = f.from, .images_dir = f.images_dir, .probe_images = true, .common = {}};
  opening.common.threads = f.threads;
  opening.common.progress = t.progress();
  DiffOptions options{.only = f.only, .ignore = f.ignore, .images = !f.no_images, .common = opening.common};
  if (!f.tolerance.empty()) {
    const NumberText number = read_loose_number(f.tolerance);
    if (number.length != f.tolerance.size() || !(number.value >= 0))
      return t.fail({Code::usage, "--tolerance takes a number of pixels from 0 on, not '" + f.tolerance + "'"});
    options.tolerance = number.value;
  }
  const std::size_t comma = f.from.find(',');
  opening.from = f.from.substr(0, comma);
  const auto before = open(f.before, opening);
  if (!before) return t.fail(before.error());
  if (comma != std::string::npos) opening.from = f.from.substr(comma + 1);
  const auto after = open(f.after, opening);
  if (!after) return t.fail(after.error());
  const auto difference = diff(*before, *after, options);
  if (!difference) {
    t.fail(difference.error());
    return Exit::could_not;
  }
  const auto shown_name = [](std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return std::string(base_name(path));
  };
  const std::string name_before = shown_name(f.before), name_after = shown_name(f.after);
  if (f.json || f.output == "json")
    t.out(pretty_json(to_json(*difference, name_before, name_after)) + "\n");
  else if (f.output == "markdown")
    t.out(to_markdown(*difference, name_before, name_after));
  else
    t.out(told(t, *difference, f.all));
  return difference->equal ? Exit::yes : Exit::no;
}

constexpr Example examples[] = {
    {"vetset diff v1 v2", "what became of images, objects and classes"},
    {"vetset diff coco yolo", "two formats: what both can say is compared"},
    {"vetset diff main.json edited.json --output markdown", "for a pull request"},
    {"vetset diff v1 v2 --ignore annotation.area --tolerance 0.5", "boxes may be half a pixel apart"},
};

}  // namespace

extern const Command diff_command;
const Command diff_command{
    .name = "diff",
    .summary = "say what became of images, objects and classes between two datasets",
    .about =
        "Any format against any. Images are known by path, name or bytes, objects by id, content or place.\n"
        "Exit status: 0 no difference, 1 some, 2 could not compare.\n",
    .examples = examples,
    .first = true,
    .define = [](Arguments& a) -> std::function<int(Terminal&)> {
      auto f = std::make_shared<DiffFlags>();
      a.positional("A", f->before, "a dataset's folder, an archive, or one annotation file")
          .positional("B", f->after, "the other one")
          .option("--output", f->output, "KIND", "text, json, markdown", {"text", "json", "markdown"})
          .list("--only", f->only, "FIELDS", "compare only these: annotation, annotation.box, media ...")
          .list("--ignore", f->ignore, "FIELDS", "leave these out")
          .option("--tolerance", f->tolerance, "PX", "how far coordinates may be apart; 0 if not said")
          .flag("--no-images", f->no_images, "do not compare the bytes of the images")
          .flag("--all", f->all, "every image and object, however many")
          .option("--from", f->from, "FORMAT", "the format of both, or voc,csv; found by itself if not said")
          .option("--images-dir", f->images_dir, "DIR", "where to look for images first")
          .option("--threads", f->threads, "N", "threads; as many as the machine has if not said")
          .flag("--json", f->json, "as --output json");
      return [f](Terminal& t) { return run_diff(t, *f); };
    }};

}  // namespace vetset::cli
