// Suspects that another program found, from a table.
#include <algorithm>
#include <array>
#include <cmath>

#include "vetset/base/csv.h"
#include "vetset/base/number.h"
#include "vetset/dataset/image_names.h"
#include "vetset/vetset.h"

namespace vetset {
namespace {

double number_or(const std::vector<std::string>& fields, std::size_t column, double otherwise, bool& bad) {
  if (column >= fields.size() || fields[column].empty()) return otherwise;
  const NumberText read = read_loose_number(fields[column]);
  bad = bad || read.length != fields[column].size() || !std::isfinite(read.value);
  return read.value;
}

}  // namespace

Result<Suspects> read_suspects(const Source& source, const std::string& path) {
  const Dataset& d = source.dataset;
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(path));
  Result<Bytes> bytes = tree->read(tree->list().front());
  if (!bytes) return std::move(bytes).error();
  const std::string text(bytes->text());
  CsvReader csv(text);
  std::vector<std::string> fields;
  constexpr std::string_view known[] = {"image", "annotation", "code",  "score",  "proposed",
                                        "x",     "y",          "width", "height", "confidence"};
  std::array<std::size_t, std::size(known)> column;
  column.fill(~std::size_t{0});
  const auto fail = [&](std::string message) { return Error{Code::malformed, std::move(message), path, csv.line()}; };
  if (!csv.next(fields)) return Error{Code::malformed, "is empty, expected a row of column names", path};
  for (std::size_t c = 0; c < fields.size(); ++c) {
    const auto at = std::find(std::begin(known), std::end(known), fields[c]);
    if (at == std::end(known)) return fail("'" + fields[c] + "' is no column of suspects; expected image, score …");
    column[static_cast<std::size_t>(at - std::begin(known))] = c;
  }
  if (column[0] >= fields.size() || column[3] >= fields.size())
    return fail("expected at least the columns image and score");
  const ImageNames names(d);
  const auto of_image = d.image_annotations();
  Suspects suspects;
  suspects.looked_at = std::max(d.annotations.size(), d.images.size());
  while (csv.next(fields)) {
    const auto field = [&](std::size_t k) { return column[k] < fields.size() ? fields[column[k]] : std::string(); };
    if (csv.broken()) return fail("opens a quote that nothing closes");
    Suspect s;
    bool bad = false;
    const auto number = [&](std::size_t k) { return number_or(fields, column[k], 0, bad); };
    s.score = number_or(fields, column[3], std::nan(""), bad);
    s.box = {number(5), number(6), number(7), number(8)};
    s.confidence = number(9);
    if (bad || std::isnan(s.score)) return fail("expected finite numbers as score, box and confidence");
    const ImageNames::Named named = names.find(field(0));
    if (named.images.empty()) return fail("'" + field(0) + "' is no image of the dataset");
    if (named.images.size() > 1) return fail("'" + field(0) + "' is the name of several images; give the path");
    s.image = named.images.front();
    if (const std::string wanted = field(1); !wanted.empty()) {
      const auto here = of_image.of(s.image);
      const auto is_it = [&](AnnotationIndex i) {
        const std::string id = d.id_json(d.annotation_ids, to_size(i));
        return id == wanted || id == "\"" + wanted + "\"";
      };
      const auto at = std::find_if(here.begin(), here.end(), is_it);
      const std::uint64_t place =
          read_loose_number(wanted).fits_int64 ? static_cast<std::uint64_t>(read_loose_number(wanted).whole) : 0;
      if (at != here.end())
        s.annotation = *at;
      else if (d.annotation_ids.numbers.empty() && place >= 1 && place <= here.size())
        s.annotation = here[place - 1];
      else
        return fail("'" + wanted +
                    "' is no annotation of this image: expected its id, or where there are no ids its "
                    "number in the image, from 1");
    }
    if (const std::string wanted = field(4); !wanted.empty()) {
      const auto at =
          std::find_if(d.categories.begin(), d.categories.end(), [&](const Category& c) { return c.name == wanted; });
      if (at == d.categories.end()) return fail("'" + wanted + "' is no class of the dataset");
      s.proposed = to_index<CategoryIndex>(static_cast<std::size_t>(at - d.categories.begin()));
    }
    s.code = s.annotation != none<AnnotationIndex> ? "LBL120" : "LBL130";
    if (const std::string code = field(2); !code.empty()) {
      const Rule* const rule = find_rule(code);
      if (rule == nullptr) return fail("'" + code + "' is the code of no rule");
      s.code = rule->code;
    }
    suspects.rows.push_back(s);
  }
  return suspects;
}

}  // namespace vetset
