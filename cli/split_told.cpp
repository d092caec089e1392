#include "cli/split_told.h"

#include <algorithm>
#include <cstdio>

#include "vetset/base/number.h"
#include "vetset/base/unicode.h"
#include "vetset/dataset/shown_path.h"

namespace vetset::cli {
namespace {

std::string percent(double part) {
  char shown[32];
  std::snprintf(shown, sizeof shown, part < 0.0995 ? "%.1f %%" : "%.0f %%", part * 100);
  return shown;
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

/// Columns of a table, each as wide as its widest cell; the first is for names, the others for numbers.
std::string table(const Terminal& t, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));
  std::string out;
  for (const auto& row : rows) {
    std::string line = "  " + padded(row[0], widths[0]);
    for (std::size_t c = 1; c < row.size(); ++c) line += "  " + right(row[c], widths[c]);
    while (line.ends_with(' ')) line.pop_back();
    out += (&row == &rows[0] ? t.ink(Ink::dim, line) : line) + "\n";
  }
  return out;
}

std::string class_name(const SplitReport& r, std::uint32_t label) {
  if (label == SplitReport::nowhere) return {};
  return r.classes[label].empty() ? "(no objects)" : printable(r.classes[label]);
}

std::string parts_told(const Terminal& t, const SplitReport& r) {
  std::vector<std::vector<std::string>> rows = {{"", "images", "share", "groups", "objects", "mean off", "most off"}};
  std::uint64_t images = 0;
  for (const SplitReport::Part& part : r.parts) images += part.images;
  for (std::size_t s = 0; s < r.parts.size(); ++s) {
    const SplitReport::Part& part = r.parts[s];
    rows.push_back({printable(r.settings.names[s]), with_commas(part.images),
                    percent(images == 0 ? 0 : static_cast<double>(part.images) / static_cast<double>(images)),
                    with_commas(part.groups), with_commas(part.objects), percent(part.mean_deviation),
                    percent(part.worst_deviation)});
    if (part.worst_deviation > 0) rows.back().back() += " " + class_name(r, part.worst_class);
  }
  std::size_t widest = 0;  // the last column ends in words: those begin at one place
  for (const auto& row : rows) widest = std::max(widest, display_width(row.back()));
  for (auto& row : rows) row.back() = padded(row.back(), widest);
  return table(t, rows);
}

/// Classes that no assignment could have spread better, and by how much they must be off: before any result.
std::string bounds_told(const Terminal& t, const SplitReport& r) {
  constexpr double worth_telling = 0.25;
  constexpr std::size_t most = 6;
  const auto splits = static_cast<std::size_t>(
      std::count_if(r.settings.ratios.begin(), r.settings.ratios.end(), [](std::uint32_t ratio) { return ratio > 0; }));
  std::string list;
  std::size_t count = 0;
  const auto add = [&](const std::string& what, const LabelBalance& b) {
    if (b.total == 0 || b.bound < worth_telling || count++ >= most) return;
    list += (list.empty() ? "" : " · ") + what + ": " + with_commas(static_cast<std::uint64_t>(b.total)) + " in " +
            counted(b.groups, "group") + (b.groups < splits ? " for " + counted(splits, "split") : std::string()) +
            ", best possible " + percent(b.bound) + " off";
  };
  for (std::uint32_t l = 0; l < r.balances.size(); ++l) add(class_name(r, l), r.balances[l]);
  for (const SplitReport::Factor& f : r.factors)
    for (std::size_t v = 0; v < f.values.size(); ++v) add(printable(f.key + " " + f.values[v]), f.balances[v]);
  if (count == 0) return {};
  if (count > most) list += " · and " + std::to_string(count - most) + " more";
  return "  " + t.ink(Ink::yellow, "cannot be even") + "  " + wrapped(list, 18, t.width()) + "\n";
}

/// How far the values of every factor are from their shares.
std::string factors_told(const Terminal& t, const SplitReport& r) {
  std::string text;
  for (const SplitReport::Factor& f : r.factors) {
    double worst = 0, sum = 0;
    std::size_t count = 0, worst_value = 0;
    for (std::size_t v = 0; v < f.values.size(); ++v)
      for (const double off : f.balances[v].deviations) {
        sum += off;
        ++count;
        if (off > worst) worst = off, worst_value = v;
      }
    std::string told = printable(f.key) + ": " + counted(f.values.size(), "value");
    if (count > 0) told += ", " + percent(sum / static_cast<double>(count)) + " off on average";
    if (worst > 0) told += ", at most " + percent(worst) + " (" + printable(f.values[worst_value]) + ")";
    if (f.without > 0) told += ", " + counted(f.without, f.of_objects ? "object" : "image") + " without";
    text += "  " + t.ink(Ink::green, padded("stratified by", 14)) + "  " + wrapped(told, 18, t.width());
  }
  return text;
}

std::string groups_told(const Terminal& t, const SplitReport& r) {
  std::string text;
  const auto row = [&](Ink ink, std::string_view label, const std::string& what) {
    text += "  " + t.ink(ink, padded(label, 14)) + "  " + wrapped(what, 18, t.width());
  };
  std::string together = r.without_file == r.images ? "no image has its file here, so copies are not known"
                         : r.identical_images == 0  ? "no two images are the same file"
                                                    : counted(r.identical_images, "image") + " have identical copies";
  for (std::size_t k = 0; r.linked && k < link_kind_count; ++k)
    if (const auto kind = static_cast<LinkKind>(k);
        kind != LinkKind::bytes && kind != LinkKind::key && r.linked->edges.kinds[k].links > 0)
      together += " · " + counted(r.linked->edges.kinds[k].links, std::string(name(kind)) + " link");
  for (const SplitReport::KeyUse& k : r.keys) {
    together +=
        " · " + printable(k.key) + ": " + counted(k.values, "key", "keys") + " for " + counted(k.images, "image");
    if (k.without > 0) together += ", " + with_commas(k.without) + " without";
    if (k.unused_rows > 0) together += ", " + counted(k.unused_rows, "row") + " that name no image";
  }
  row(Ink::green, "kept together", together);
  if (r.largest.images > 1) {
    std::string how = counted(r.largest.images, "image") + ", " +
                      percent(static_cast<double>(r.largest.images) / static_cast<double>(r.images)) +
                      " of all, e.g. " + printable(r.largest.example);
    for (std::size_t k = 0; k < r.largest.linked_by.size(); ++k)
      how += (k == 0 ? " (" : ", ") + printable(r.largest.linked_by[k]);
    row(Ink::plain, "largest group", how + (r.largest.linked_by.empty() ? "" : ")"));
    std::size_t shown = 0;
    for (const SplitReport::Joint& b : r.largest.bridges)
      if (b.images > 1 && shown < 3)
        row(Ink::plain, shown++ == 0 ? "  bridged by" : "",
            printable(b.first) + " – " + printable(b.second) + " (" + printable(b.how) + "); without it " +
                counted(b.images, "image") + " would be apart");
  }
  for (std::size_t k = 0; r.linked && k < std::min<std::size_t>(r.linked->first_cuts.size(), 3); ++k) {
    const SplitReport::Joint& cut = r.linked->first_cuts[k];
    row(Ink::yellow, k == 0 ? "cut" : "",
        printable(cut.first) + " – " + printable(cut.second) + " (" + printable(cut.how) + "): " + printable(cut.why));
  }
  if (r.linked && r.linked->cuts > 3)
    row(Ink::yellow, "", "and " + with_commas(r.linked->cuts - 3) + " more; they are in the statement");
  if (r.crossing_cuts > 0) row(Ink::yellow, "", counted(r.crossing_cuts, "link") + " that were cut cross splits");
  if (r.pinned > 0 || r.unused_pins > 0) {
    std::string pins = counted(r.pinned, "image");
    if (r.unused_pins > 0) pins += ", " + counted(r.unused_pins, "row") + " that name no image";
    row(Ink::green, "pinned", pins);
  }
  if (r.without_file > 0)
    row(Ink::yellow, "not looked at",
        counted(r.without_file, "image") + " without a file: only their keys and names are known");
  if (r.locked) {
    std::string grown = counted(r.kept, "image") + " stayed, " + with_commas(r.placed) + " new";
    if (r.absent > 0) grown += ", " + with_commas(r.absent) + " of the lock are not here";
    row(Ink::green, "from the lock", grown);
  }
  std::size_t shown = 0;
  for (const SplitReport::Quarantined& q : r.quarantined) {
    if (shown++ == 5) {
      row(Ink::yellow, "", "and " + std::to_string(r.quarantined.size() - 5) + " more; all are in the statement");
      break;
    }
    row(Ink::yellow, shown == 1 ? "quarantined" : "",
        printable(q.path) + ": was in " + r.settings.names[q.from] + ", belongs to images in " +
            r.settings.names[q.against] + " (LEA318)");
  }
  for (const std::string& note : r.notes) row(Ink::yellow, "left behind", note);
  if (r.linked && r.linked->near.tier != NearTier::none) {
    row(Ink::green, "searched", search_told(r.linked->near));
    if (!r.linked->near.planted.empty()) row(Ink::plain, "planted copies", planted_told(r.linked->near));
    for (const std::string& note : r.linked->notes) row(Ink::plain, "", printable(note));
    if (const std::string aside = aside_told(r.linked->aside); !aside.empty()) row(Ink::yellow, "not searched", aside);
  }
  return text;
}
/// What a lock says of the splits, and whether its search gave the same again.
std::string lock_told(const Terminal& t, const SplitCheck& check, const Dataset& d) {
  if (!check.lock) return {};
  const LockCheck& lock = *check.lock;
  std::string text;
  const auto row = [&](Ink ink, std::string_view label, const std::string& what) {
    text += "  " + t.ink(ink, padded(label, 14)) + "  " + wrapped(what, 18, t.width());
  };
  for (std::size_t m = 0; m < std::min<std::size_t>(lock.moved.size(), 5); ++m) {
    const LockCheck::Moved& moved = lock.moved[m];
    row(Ink::red, m == 0 ? "moved" : "",
        printable(shown_path(d, moved.image)) + ": in " + printable(moved.to) + ", the lock " +
            (moved.from.empty() ? "keeps it out" : "has it in " + printable(moved.from)));
  }
  if (lock.moved.size() > 5)
    row(Ink::red, "", "and " + with_commas(lock.moved.size() - 5) + " more; --json lists them");
  std::string came;
  if (lock.new_images > 0) came = counted(lock.new_images, "image") + " that the lock does not know";
  if (lock.absent > 0) came += (came.empty() ? "" : ", ") + counted(lock.absent, "image") + " of the lock not here";
  if (!came.empty()) row(Ink::yellow, "since the lock", came);
  switch (lock.search) {
    case LockCheck::Search::not_recorded:
      row(Ink::plain, "the lock", "records no links: it speaks of files and keys alone");
      break;
    case LockCheck::Search::other: row(Ink::plain, "the lock", "was searched otherwise: " + lock.why); break;
    case LockCheck::Search::other_images:
      row(Ink::plain, "the lock", "has other images, so its links do not compare");
      break;
    case LockCheck::Search::same:
      row(Ink::green, "the lock",
          "holds: the same search found the same links" +
              std::string(lock.renamed ? "; files have other names, so what names decide was not compared" : ""));
      break;
    case LockCheck::Search::different: {
      std::string kinds;
      for (const LinkKind kind : lock.unlike) kinds += (kinds.empty() ? "" : ", ") + std::string(name(kind));
      row(Ink::red, "the lock", "does not hold: the same search of the same images found other links (" + kinds + ")");
      break;
    }
  }
  return text;
}

}  // namespace

std::string search_told(const NearSearch& near) {
  if (near.tier == NearTier::none) return "bytes and keys alone";
  std::string text =
      "tier " + std::string(name(near.tier)) + ": every pair within " + std::to_string(near.radius) + " of 256 bits";
  if (near.calibrated) {
    text += " (calibrated on " + with_commas(near.null_pairs) + " unrelated pairs: ";
    append_fixed(text, near.expected_false, 2);
    text += " expected by chance, at most ";
    append_fixed(text, near.expected_false_upper, 2);
    text += ")";
  }
  text += ", " + counted(near.views, "view") + " an image" + (near.symmetries ? " in 8 symmetries" : "") +
          ", confirmed on pixels; " + counted(near.images, "image");
  return text;
}

std::string planted_told(const NearSearch& near) {
  if (near.planted.empty()) return {};
  const auto percent_of = [](double share) { return std::to_string(static_cast<int>(share * 100 + 0.5)); };
  const auto between = [&](const PlantedCopies& p) {
    const auto [lower, upper] = p.interval();
    return " (" + percent_of(lower) + "–" + percent_of(upper) + " %)";
  };
  std::string all, some;
  const PlantedCopies* whole = nullptr;
  for (const PlantedCopies& p : near.planted) {
    std::string& text = p.found == p.planted ? all : some;
    text += (text.empty() ? "" : ", ") + p.transform;
    if (p.found == p.planted)
      whole = &p;
    else
      text += " " + std::to_string(p.found) + between(p);
  }
  std::string text = "of " + counted(near.planted.front().planted, "image", "images") + " each, found: ";
  if (whole != nullptr) text += "all with " + all + between(*whole);
  return text + (whole != nullptr && !some.empty() ? "; " : "") + some;
}

std::string aside_told(const std::array<std::uint64_t, 4>& aside) {
  constexpr std::array<std::array<std::string_view, 2>, 4> words = {{
      {"image that was not decoded", "images that were not decoded"},
      {"flat image", "flat images"},
      {"placeholder", "placeholders: one picture in the place of many"},
      {"image that is alike to too many", "images that are alike to too many"},
  }};
  std::string text;
  for (std::size_t why = 0; why < aside.size(); ++why)
    if (aside[why] > 0)
      text += (text.empty() ? "" : ", ") + counted(aside[why], std::string(words[why][0]), std::string(words[why][1]));
  return text;
}

std::string told(const Terminal& t, const SplitReport& r) {
  std::string text = t.ink(Ink::bold, "split " + printable(summary_of(r))) + "  " + counted(r.images, "image") +
                     " in " + counted(r.groups, "group") + "\n\n" + bounds_told(t, r) + parts_told(t, r) + "\n" +
                     factors_told(t, r) + groups_told(t, r);
  const std::string limit = limits_of(r).front();
  return text + "  " + t.ink(Ink::dim, padded("not proved", 14)) + "  " + wrapped(limit, 18, t.width());
}

std::string told(const Terminal& t, const SplitCheck& check, const Source& source) {
  const Dataset& d = source.dataset;
  std::string text = t.ink(Ink::bold, check.holds() ? "no leak found" : "the splits leak");
  if (check.clusters.empty() && !check.holds()) text = t.ink(Ink::bold, "the splits are not those of the lock");
  for (std::size_t s = 0; s < check.names.size(); ++s)
    text += (s == 0 ? "  " : ", ") + printable(check.names[s]) + " " + with_commas(check.images[s]);
  if (check.unassigned > 0) text += ", in no split " + with_commas(check.unassigned);
  text += "\n";
  const auto row = [&](Ink ink, std::string_view label, const std::string& what) {
    text += "  " + t.ink(ink, padded(label, 14)) + "  " + wrapped(what, 18, t.width());
  };
  const auto pair = [&](const CrossingPair& p) {
    const std::string first = printable(shown_path(d, p.first)) + " (" + printable(p.first_split) + ")";
    if (p.first == p.second) return first + " is listed in " + printable(p.second_split) + ", too";
    return first + " – " + printable(shown_path(d, p.second)) + " (" + printable(p.second_split) +
           "): " + printable(p.how) +
           (p.through.empty() ? "" : ", through " + printable(p.through) + ", which is in no split");
  };
  if (!check.clusters.empty()) text += "\n";
  constexpr std::size_t most = 10;
  for (std::size_t c = 0; c < std::min(check.clusters.size(), most); ++c) {
    const LeakCluster& cluster = check.clusters[c];
    row(Ink::red, name(cluster.example.kind), pair(cluster.example));
    if (cluster.images.size() < 3) continue;
    std::string parts;
    for (std::size_t s = 0; s < check.names.size(); ++s)
      if (cluster.by_split[s] > 0)
        parts += (parts.empty() ? "" : ", ") + printable(check.names[s]) + " " + with_commas(cluster.by_split[s]);
    row(Ink::dim, "", "one of " + counted(cluster.images.size(), "image") + " that belong together: " + parts);
  }
  if (check.clusters.size() > most)
    row(Ink::dim, "", "and " + counted(check.clusters.size() - most, "cluster") + " more; --json lists them");
  if (!check.clusters.empty()) {
    std::string touched;
    for (std::size_t s = 0; s < check.names.size(); ++s)
      if (check.touched[s] > 0)
        touched += (touched.empty() ? "" : ", ") + with_commas(check.touched[s]) + " of " +
                   with_commas(check.images[s]) + " in " + printable(check.names[s]);
    text += "\n";
    row(Ink::red, "leaks touch", touched + "; " + counted(check.clusters.size(), "cluster"));
  }
  if (check.crossing_cuts > 0)
    row(Ink::yellow, "cut", counted(check.crossing_cuts, "link") + " that join unlike images by a chain cross splits");
  text += lock_told(t, check, d);
  for (std::size_t m = 0; m < std::min(check.margin.size(), most); ++m)
    row(Ink::yellow, m == 0 ? "look at these" : "", pair(check.margin[m]));
  if (check.margin.size() > most)
    row(Ink::dim, "", "and " + with_commas(check.margin.size() - most) + " more; --json lists them");
  row(Ink::plain, "searched", search_told(check.near));
  if (!check.near.planted.empty()) row(Ink::plain, "planted copies", planted_told(check.near));
  if (check.margin_radius > 0 && check.margin.empty())
    row(Ink::plain, "", "nothing more up to " + std::to_string(check.margin_radius) + " bits");
  for (const std::string& note : check.notes) row(Ink::plain, "", printable(note));
  if (const std::string aside = aside_told(check.aside); !aside.empty()) row(Ink::yellow, "not searched", aside);
  if (check.without_file > 0)
    row(Ink::yellow, "not looked at", counted(check.without_file, "image") + " without a file");
  return text;
}

}  // namespace vetset::cli
