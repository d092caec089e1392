#include "cli/evaluate_options.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "vetset/evaluate/spaced.h"

namespace vetset::cli {
namespace {

Error expected(const std::string& flag, const std::string& what, const std::string& found) {
  return {Code::usage, flag + " takes " + what + ", not '" + found + "'"};
}

std::optional<double> number_of(std::string_view text) {
  if (text == "inf") return std::numeric_limits<double>::infinity();
  const NumberText number = read_loose_number(text);
  if (number.length == 0 || number.length != text.size()) return std::nullopt;
  return number.value;
}

}  // namespace

Result<std::vector<double>> numbers_of(const std::string& flag, const std::vector<std::string>& words) {
  std::vector<double> numbers;
  for (const std::string& word : words) {
    const auto number = number_of(word);
    if (!number) return expected(flag, "numbers", word);
    numbers.push_back(*number);
  }
  return numbers;
}

Result<std::vector<double>> thresholds_of(const std::vector<std::string>& words) {
  const std::string flag = "--iou-thresholds";
  if (words.size() != 1 || words[0].find(':') == std::string::npos) {
    VETSET_TRY(std::vector<double> list, numbers_of(flag, words));
    std::sort(list.begin(), list.end());
    for (const double t : list)
      if (!(t > 0 && t <= 1)) return expected(flag, "numbers above 0 and up to 1", words.front());
    return list;
  }
  const std::string& word = words[0];
  const std::size_t first = word.find(':'), second = word.find(':', first + 1);
  const auto wrong = [&] { return expected(flag, "FROM:TO:STEP, as 0.5:0.95:0.05", word); };
  if (second == std::string::npos) return wrong();
  const auto from = number_of(word.substr(0, first)), to = number_of(word.substr(first + 1, second - first - 1)),
             step = number_of(word.substr(second + 1));
  if (!from || !to || !step || !(*from > 0) || !(*to <= 1) || !(*from <= *to) || !(*step > 0)) return wrong();
  const double steps = std::round((*to - *from) / *step);
  constexpr double most_steps = 10000;
  if (steps > most_steps || std::fabs(*from + steps * *step - *to) > 1e-9) return wrong();
  if (steps == 0) return std::vector<double>{*from};
  return evenly_spaced(*from, *to, static_cast<unsigned>(steps) + 1);
}

Result<std::vector<std::uint32_t>> limits_of(const std::vector<std::string>& words) {
  std::vector<std::uint32_t> limits;
  for (const std::string& word : words) {
    const auto number = number_of(word);
    if (!number || !(*number >= 1 && *number <= 1e9) || *number != std::floor(*number))
      return expected("--max-dets", "whole numbers from 1", word);
    limits.push_back(static_cast<std::uint32_t>(*number));
  }
  std::sort(limits.begin(), limits.end());
  return limits;
}

Result<std::vector<CocoAreaRange>> areas_of(const std::vector<std::string>& words) {
  std::vector<CocoAreaRange> areas;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('='), colon = word.find(':', std::min(equals, word.size()));
    if (equals == std::string::npos || equals == 0 || colon == std::string::npos)
      return expected("--area-ranges", "NAME=LOW:HIGH in square pixels, as small=0:1024", word);
    const auto low = number_of(word.substr(equals + 1, colon - equals - 1)), high = number_of(word.substr(colon + 1));
    if (!low || !high || !(*low <= *high))
      return expected("--area-ranges", "NAME=LOW:HIGH in square pixels, as small=0:1024", word);
    areas.push_back({word.substr(0, equals), *low, *high});
  }
  return areas;
}

Result<std::vector<std::pair<std::string, std::string>>> renamed_of(const std::vector<std::string>& words) {
  std::vector<std::pair<std::string, std::string>> renamed;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size())
      return expected("--rename", "PREDICTED=TRUTH, as automobile=car", word);
    renamed.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return renamed;
}

Result<std::vector<IouType>> types_of(const std::vector<std::string>& words) {
  std::vector<IouType> types;
  for (const std::string& word : words) {
    const auto type = iou_type_of(word);
    if (!type) return expected("--iou-type", "bbox, segm, keypoints or boundary", word);
    types.push_back(*type);
  }
  return types;
}

}  // namespace vetset::cli
