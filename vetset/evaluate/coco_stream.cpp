#include "vetset/evaluate/coco_stream.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <span>

namespace vetset {
namespace {

/// A column that some pieces have and others do not: what it lacks up to `rows` is filled with `nothing`.
template <class T>
void fill(Column<T>& column, std::size_t rows, T nothing) {
  if (column.size() < rows) column.resize(rows, nothing);
}

/// Appends one dense column, `per_row` values a row. A side that lacks it gets `nothing`; where both do, it stays so.
template <class T>
void append(Column<T>& to, std::size_t held, std::span<const T> from, std::size_t rows, T nothing,
            std::size_t per_row = 1) {
  if (to.empty() && from.empty()) return;
  fill(to, held * per_row, nothing);
  to.append(from);
  fill(to, (held + rows) * per_row, nothing);
}

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

/// Appends the rows of `from`, all columns but `image` and `category`, which have other numbers here.
void append_rows(Instances& to, std::size_t held, const InstancesView& from) {
  const std::size_t rows = from.count;
  append(to.box, held, from.box, rows, Box{});
  append(to.area, held, from.area, rows, no_value);
  append(to.score, held, from.score, rows, no_value);
  append(to.id, held, from.id, rows, std::int64_t{0});
  append(to.said, held, from.said, rows, std::uint8_t{0});
  append(to.marks, held, from.marks, rows, std::uint8_t{0});
  append(to.mask, held, from.mask, rows, MaskText{});
  for (std::size_t i = held; i < to.mask.size(); ++i) to.mask[i].begin += to.mask_text.size();
  to.mask_text.append(from.mask_text);
  if (from.points != 0) to.points = from.points;
  append(to.keypoints, held, from.keypoints, rows, 0.0, std::size_t{3} * to.points);
}

/// The number of a name among those that are held; a new one is added.
std::uint32_t number_of(const PredictedName& name, std::vector<PredictedName>& names,
                        std::unordered_map<std::string, std::uint32_t>& numbers) {
  const auto [at, is_new] = numbers.try_emplace(key_of(name), static_cast<std::uint32_t>(names.size()));
  if (is_new) names.push_back(name);
  return at->second;
}

template <class T>
void gather(Column<T>& to, const Column<T>& from, std::span<const std::uint32_t> order, std::size_t per_row = 1) {
  if (from.empty()) return;
  to.reserve(order.size() * per_row);
  for (const std::uint32_t row : order) to.append(from.slice(row * per_row, per_row));
}

bool comes_before(const PredictedName& a, const PredictedName& b) {
  if (a.id != b.id) return a.id < b.id;
  return a.token != b.token ? a.token < b.token : a.name < b.name;
}

/// Row numbers by image, `place` saying where each image comes; rows of one image stay in order.
std::vector<std::uint32_t> rows_by_image(const Instances& rows, std::span<const std::uint32_t> place) {
  std::vector<std::uint32_t> next(place.size() + 1, 0);
  for (const std::uint32_t image : rows.image) ++next[place[image] + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<std::uint32_t> order(rows.size());
  for (std::uint32_t row = 0; row < rows.size(); ++row) order[next[place[rows.image[row]]]++] = row;
  return order;
}

}  // namespace

std::string key_of(const PredictedName& name) { return std::to_string(name.id) + '\0' + name.token + '\0' + name.name; }

std::string text_of(std::string_view what, const PredictedName& name) {
  std::string text(what);
  if (!name.name.empty()) return text + " '" + name.name + "'";
  return text + " " + (name.id == Ids::odd ? name.token : std::to_string(name.id));
}

Result<void> CocoStream::add(const Predictions& piece) {
  const InstancesView from = piece.rows.view();
  for (const PredictedName& image : piece.images)
    if (images_.contains(key_of(image)))
      return Error{Code::usage, text_of("image", image) + " was given before; expected each image once"};
  if (from.points != 0 && held_.rows.points != 0 && from.points != held_.rows.points)
    return Error{Code::usage, "found " + std::to_string(from.points) + " keypoints an object, expected " +
                                  std::to_string(held_.rows.points) + " as in earlier images"};
  const std::size_t held = held_.rows.size();
  if (from.count > no_number - held) return Error{Code::limit, "more than 4,294,967,295 predictions"};

  std::vector<std::uint32_t> image_numbers, category_numbers;
  for (const PredictedName& image : piece.images) {
    const std::size_t before = held_.images.size();
    image_numbers.push_back(number_of(image, held_.images, images_));
    if (held_.images.size() == before) continue;  // named twice in one piece
    held_.images.back().first = 0;
  }
  for (const PredictedName& category : piece.categories)
    category_numbers.push_back(number_of(category, held_.categories, categories_));
  const std::uint64_t texts = held_.rows.mask_text.size();
  for (const PredictedOutline& outline : piece.outlines)
    held_.outlines.push_back({outline.row + held, outline.begin + texts, outline.size});
  append_rows(held_.rows, held, from);
  for (const std::uint32_t image : from.image) held_.rows.image.push_back(image_numbers[image]);
  for (const std::uint32_t category : from.category)
    held_.rows.category.push_back(category == no_number ? no_number : category_numbers[category]);
  held_.records += piece.records;
  return {};
}

Predictions CocoStream::all() const {
  Predictions out;
  std::vector<std::uint32_t> by_name(held_.images.size());
  std::iota(by_name.begin(), by_name.end(), 0U);
  std::sort(by_name.begin(), by_name.end(),
            [&](std::uint32_t a, std::uint32_t b) { return comes_before(held_.images[a], held_.images[b]); });
  std::vector<std::uint32_t> place(by_name.size());
  for (std::uint32_t i = 0; i < by_name.size(); ++i) {
    place[by_name[i]] = i;
    out.images.push_back(held_.images[by_name[i]]);
  }

  const Instances& from = held_.rows;
  const std::vector<std::uint32_t> order = rows_by_image(from, place);
  std::vector<std::uint32_t> category_place(held_.categories.size(), no_number);
  std::vector<bool> named(out.images.size(), false);
  for (std::uint32_t row = 0; row < order.size(); ++row) {
    const std::uint32_t image = place[from.image[order[row]]];
    const std::uint32_t category = from.category[order[row]];
    if (!named[image]) out.images[image].first = row;
    named[image] = true;
    if (category != no_number && category_place[category] == no_number) {
      category_place[category] = static_cast<std::uint32_t>(out.categories.size());
      out.categories.push_back(held_.categories[category]);
      out.categories.back().first = row;
    }
    out.rows.image.push_back(image);
    out.rows.category.push_back(category == no_number ? no_number : category_place[category]);
  }
  gather(out.rows.box, from.box, order);
  gather(out.rows.area, from.area, order);
  gather(out.rows.score, from.score, order);
  gather(out.rows.said, from.said, order);
  gather(out.rows.marks, from.marks, order);
  gather(out.rows.mask, from.mask, order);
  out.rows.points = from.points;
  gather(out.rows.keypoints, from.keypoints, order, std::size_t{3} * from.points);

  std::vector<std::uint32_t> now(held_.outlines.empty() ? 0 : order.size());
  for (std::uint32_t row = 0; row < now.size(); ++row) now[order[row]] = row;
  out.outlines = held_.outlines;
  for (PredictedOutline& outline : out.outlines) outline.row = now[outline.row];
  std::sort(out.outlines.begin(), out.outlines.end(),
            [](const PredictedOutline& a, const PredictedOutline& b) { return a.row < b.row; });
  // Texts of masks lie in the order in which they came; nothing but their places says so.
  out.rows.mask_text = from.mask_text;
  out.format = held_.format;
  out.records = held_.records;
  out.first_said = out.rows.said.empty() ? std::uint8_t{0} : out.rows.said[0];
  return out;
}

}  // namespace vetset
