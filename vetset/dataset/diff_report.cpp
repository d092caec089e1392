// A diff as JSON and as Markdown.
#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/base/tree.h"
#include "vetset/base/unicode.h"
#include "vetset/dataset/diff.h"
#include "vetset/dataset/diff_text.h"

namespace vetset {
namespace {

std::string_view told(Outcome outcome) {
  switch (outcome) {
    case Outcome::kept: return "kept";
    case Outcome::changed: return "changed";
    case Outcome::lost: return "removed";
    case Outcome::added: return "added";
  }
  return "";
}

// JSON.

void write_text_or_null(JsonWriter& out, std::string_view key, const std::string& text) {
  out.key(key);
  if (text.empty())
    out.null();
  else
    out.value(text);
}

void write_changes(JsonWriter& out, const std::vector<Diff::FieldChange>& changes) {
  out.key("fields").begin_array();
  for (const Diff::FieldChange& c : changes) {
    out.begin_object().key("field").value(name(c.field)).key("what").value(told(c.outcome));
    out.key("before").value(c.before).key("after").value(c.after).end_object();
  }
  out.end_array();
}

void write_counts(JsonWriter& out, std::uint64_t added, std::uint64_t removed, std::uint64_t changed) {
  out.key("added").value(added).key("removed").value(removed).key("changed").value(changed);
}

void write_summaries(JsonWriter& out, std::string_view key, const std::vector<Diff::Summary>& lines) {
  out.key(key).begin_array();
  for (const Diff::Summary& line : lines) {
    out.begin_object().key("field").value(name(line.field)).key("what").value(told(line.outcome));
    out.key("count").value(line.count);
    if (line.largest > 0 && line.largest <= 1e300) out.key("largest").value(line.largest).key("unit").value(line.unit);
    out.end_object();
  }
  out.end_array();
}

void write_side(JsonWriter& out, std::string_view key, std::string_view name, const std::string& format,
                const Diff::Size& size) {
  out.key(key).begin_object().key("name").value(name).key("format").value(format);
  out.key("images").value(size.images).key("objects").value(size.objects).key("classes").value(size.classes);
  out.end_object();
}

void write_image(JsonWriter& out, const Diff::ImageChange& c) {
  out.begin_object().key("path").value(c.path).key("what").value(told(c.outcome));
  write_text_or_null(out, "renamed_to", c.renamed_to);
  out.key("moved");
  if (c.moved)
    out.begin_object().key("from").value(c.splits_before).key("to").value(c.splits_after).end_object();
  else
    out.null();
  out.key("media_changed").value(c.media);
  write_changes(out, c.fields);
  write_counts(out, c.added, c.removed, c.changed);
  out.key("objects").begin_array();
  for (const Diff::ObjectChange& o : c.objects) {
    out.begin_object().key("name").value(o.name).key("what").value(told(o.outcome));
    write_text_or_null(out, "class_before", o.was);
    write_text_or_null(out, "class_after", o.is);
    write_text_or_null(out, "box", o.box);
    write_changes(out, o.fields);
    out.end_object();
  }
  out.end_array().end_object();
}

// Markdown.

/// Text that Markdown and its HTML leave alone, in one line.
std::string safe(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '|' || c == '*' || c == '_' || c == '`' || c == '[' || c == ']' || c == '\\' || c == '~' || c == '#')
      out += '\\';
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

std::string signed_count(std::uint64_t before, std::uint64_t after) {
  if (after == before) return "±0";
  return after > before ? "+" + std::to_string(after - before) : "−" + std::to_string(before - after);
}
std::string with_sign(std::string_view sign, std::uint64_t count) {
  return count == 0 ? std::string() : std::string(sign) + std::to_string(count);
}

std::string change_text(const Diff::FieldChange& c) {
  std::string_view field = name(c.field);
  if (field.find('.') == std::string_view::npos)  // the record itself
    return c.outcome == Outcome::added ? "new" : c.outcome == Outcome::lost ? "gone" : "changed";
  if (const std::size_t dot = field.find('.'); dot != std::string_view::npos) field.remove_prefix(dot + 1);
  std::string text = safe(field) + " ";
  const auto [before, after] = values_for_people(c);
  if (c.outcome == Outcome::added) return text + "added: " + safe(after);
  if (c.outcome == Outcome::lost) return text + "removed: " + safe(before);
  return text + safe(before) + " → " + safe(after);
}

std::string object_text(const Diff::ObjectChange& o) {
  const bool removed = o.outcome == Outcome::lost;
  std::string text = removed ? "− " : o.outcome == Outcome::added ? "+ " : "± ";
  text += safe(removed || o.outcome == Outcome::changed ? o.was : o.is) + ", " + safe(o.name);
  if (!o.box.empty()) text += " " + safe(rounded_numbers(o.box, 2));
  for (std::size_t k = 0; k < o.fields.size(); ++k) text += (k == 0 ? ": " : "; ") + change_text(o.fields[k]);
  return text;
}

std::string image_text(const Diff::ImageChange& c) {
  std::string what;
  const auto add = [&](const std::string& part) { what += (what.empty() ? "" : ", ") + part; };
  if (c.outcome == Outcome::added) add("image added");
  if (c.outcome == Outcome::lost) add("image removed");
  if (!c.renamed_to.empty() && base_name(c.renamed_to) != base_name(c.path)) add("renamed to " + safe(c.renamed_to));
  if (c.moved)
    add("moved from " + safe(c.splits_before.empty() ? "no split" : c.splits_before) + " to " +
        safe(c.splits_after.empty() ? "no split" : c.splits_after));
  if (c.media) add("other pixels or bytes");
  for (const Diff::FieldChange& f : c.fields) add(change_text(f));
  const std::string objects = with_sign("+", c.added) + (c.added > 0 && c.removed + c.changed > 0 ? " " : "") +
                              with_sign("−", c.removed) + (c.removed > 0 && c.changed > 0 ? " " : "") +
                              with_sign("±", c.changed);
  if (!objects.empty()) add(objects + " objects");
  return "**" + safe(c.path) + "** " + what;
}

}  // namespace

std::string to_json(const Diff& d, std::string_view name_before, std::string_view name_after) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-diff").value(1).key("equal").value(d.equal);
  write_side(out, "before", name_before, d.format_before, d.before);
  write_side(out, "after", name_after, d.format_after, d.after);
  out.key("images").begin_object();
  write_counts(out, d.images_added, d.images_removed, d.images_changed);
  out.key("renamed").value(d.images_renamed).key("moved").value(d.images_moved);
  out.key("media_compared").value(d.media_compared).key("media_changed").value(d.media_changed).end_object();
  out.key("objects").begin_object();
  write_counts(out, d.objects_added, d.objects_removed, d.objects_changed);
  out.end_object().key("classes").begin_array();
  for (const Diff::ClassChange& c : d.classes) {
    out.begin_object().key("name").value(c.name).key("what").value(told(c.outcome));
    out.key("before").value(c.before).key("after").value(c.after);
    write_counts(out, c.added, c.removed, c.changed);
    write_changes(out, c.fields);
    out.end_object();
  }
  out.end_array();
  write_summaries(out, "fields", d.fields);
  out.key("changed_images").begin_array();
  for (const Diff::ImageChange& c : d.images) write_image(out, c);
  out.end_array().key("others").begin_array();
  for (const Diff::OtherChange& o : d.others)
    out.begin_object()
        .key("where")
        .value(o.where)
        .key("field")
        .value(name(o.change.field))
        .key("what")
        .value(told(o.change.outcome))
        .key("before")
        .value(o.change.before)
        .key("after")
        .value(o.change.after)
        .end_object();
  out.end_array().key("not_comparable").begin_array();
  for (const Diff::NotComparable& n : d.not_comparable)
    out.begin_object()
        .key("field")
        .value(name(n.field))
        .key("format")
        .value(n.format)
        .key("why")
        .value(n.why)
        .key("count")
        .value(n.count)
        .end_object();
  out.end_array();
  write_summaries(out, "spelled_otherwise", d.spelled);
  out.end_object();
  return text;
}

std::string to_markdown(const Diff& d, std::string_view name_before, std::string_view name_after,
                        std::size_t most_bytes) {
  std::string out =
      "### " + safe(name_before) + " → " + safe(name_after) + ": " + (d.equal ? "no difference" : "changed") + "\n\n";
  out += "| | before | after | | added | removed | changed |\n|---|--:|--:|--:|--:|--:|--:|\n";
  const auto row = [&](std::string_view what, std::uint64_t before, std::uint64_t after, std::uint64_t added,
                       std::uint64_t removed, std::uint64_t changed) {
    out += "| " + std::string(what) + " | " + std::to_string(before) + " | " + std::to_string(after) + " | " +
           signed_count(before, after) + " | " + with_sign("+", added) + " | " + with_sign("−", removed) + " | " +
           with_sign("±", changed) + " |\n";
  };
  row("images", d.before.images, d.after.images, d.images_added, d.images_removed, d.images_changed);
  row("objects", d.before.objects, d.after.objects, d.objects_added, d.objects_removed, d.objects_changed);
  if (d.images_renamed + d.images_moved + d.media_changed > 0)
    out += "\nImages: " + std::to_string(d.images_renamed) + " renamed or in another folder, " +
           std::to_string(d.images_moved) + " in another split, " + std::to_string(d.media_changed) +
           " with other bytes.\n";

  std::string classes;
  std::size_t shown = 0, more = 0;
  for (const Diff::ClassChange& c : d.classes) {
    if (c.outcome == Outcome::kept && c.before == c.after && c.added + c.removed + c.changed == 0 && c.fields.empty())
      continue;
    if (shown++ >= 100) {
      ++more;
      continue;
    }
    std::string what = c.outcome == Outcome::added ? " (new)" : c.outcome == Outcome::lost ? " (gone)" : "";
    for (const Diff::FieldChange& f : c.fields) what += (what.empty() ? " " : ", ") + change_text(f);
    classes += "| " + safe(c.name) + what + " | " + std::to_string(c.before) + " | " + std::to_string(c.after) + " | " +
               with_sign("+", c.added) + " | " + with_sign("−", c.removed) + " | " + with_sign("±", c.changed) + " |\n";
  }
  if (!classes.empty()) out += "\n| class | before | after | + | − | ± |\n|---|--:|--:|--:|--:|--:|\n" + classes;
  if (more > 0) out += "\nand " + std::to_string(more) + " more classes\n";

  for (const Diff::OtherChange& o : d.others) {
    if (out.size() > most_bytes / 2) break;
    out += (&o == &d.others.front() ? "\n" : "") + std::string("- ") + safe(o.where) + (o.where.empty() ? "" : ": ") +
           change_text(o.change) + "\n";
  }
  if (!d.images.empty()) {
    out += "\n<details><summary>" + std::to_string(d.images.size()) + (d.images.size() == 1 ? " image" : " images") +
           "</summary>\n\n";
    std::size_t told_images = 0;
    for (const Diff::ImageChange& c : d.images) {
      if (!c.renamed_to.empty() && base_name(c.renamed_to) == base_name(c.path) && !c.moved && !c.media &&
          c.fields.empty() && c.objects.empty()) {
        ++told_images;  // counted above
        continue;
      }
      std::string item = "- " + image_text(c) + "\n";
      for (std::size_t k = 0; k < c.objects.size(); ++k) {
        if (k == 20) {
          item += "  - and " + std::to_string(c.added + c.removed + c.changed - k) + " more\n";
          break;
        }
        item += "  - " + object_text(c.objects[k]) + "\n";
      }
      if (out.size() + item.size() > most_bytes) break;
      out += item;
      ++told_images;
    }
    if (told_images < d.images.size())
      out += "- and " + std::to_string(d.images.size() - told_images) + " more images\n";
    out += "\n</details>\n";
  }
  if (!d.not_comparable.empty()) {
    out += "\n<details><summary>not comparable</summary>\n\n";
    for (const Diff::NotComparable& n : d.not_comparable)
      out += "- " + safe(name(n.field)) + ": " + safe(n.format) + " " + safe(n.why) + " (" + std::to_string(n.count) +
             ")\n";
    out += "\n</details>\n";
  }
  return out;
}

}  // namespace vetset
