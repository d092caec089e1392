// A dataset as a contract sees it: units that count once, and a column of levels a factor. For contract*.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/check/contract.h"

namespace vetset {

/// What a word of group_by names: links that are searched ("near_dup", "sequence"), else a key of images, which stands
/// in `key`.
struct ContractGrouping {
  bool links = false;
  std::string_view key = {};
};
ContractGrouping contract_grouping(std::string_view word);

/// What counts once: images that belong together.
struct ContractUnits {
  std::vector<std::uint32_t> of;  // by image
  std::uint32_t count = 0;
  std::string said;  // "40 groups of 160 images, tied by links and key 'site'"
};
ContractUnits contract_units(const ContractInput& input);

/// One factor: a level a row, `unknown()` where it is not known. Rows come by unit, so that those of one lie together.
struct LevelColumn {
  std::string name;
  FactorOf of{};
  std::vector<std::string> names;     // of the levels
  std::vector<std::uint16_t> levels;  // by row of `LevelTable`, below names.size() or unknown()
  std::uint64_t unknowns = 0, others = 0;
  std::string missing = {};  // why nothing is known: "needs the images decoded"; empty: something is

  std::uint16_t unknown() const { return static_cast<std::uint16_t>(names.size()); }
};

/// The columns of a contract, made when they are asked for, and the order of their rows.
class LevelTable {
 public:
  static constexpr std::size_t most_levels = 60'000;

  LevelTable(const ContractInput& input, const ContractUnits& units);
  /// By the name in the contract, or class, or split.
  const LevelColumn& column(std::string_view name);
  /// The same by objects: of an image's factor, each object has its image's level.
  const LevelColumn& by_object(std::string_view name);
  /// Units of the rows, ascending; rows are images or annotations.
  const std::vector<std::uint32_t>& units(FactorOf of) const {
    return of == FactorOf::image ? image_units_ : object_units_;
  }
  /// The record of each row.
  const std::vector<std::uint32_t>& records(FactorOf of) const {
    return of == FactorOf::image ? image_rows_ : object_rows_;
  }
  /// Whether every row is a unit of its own, so that rows may be counted.
  bool rows_are_units(FactorOf of) const { return of == FactorOf::image && image_rows_.size() == unit_count_; }

 private:
  LevelColumn make(std::string_view name) const;
  LevelColumn of_factor(const ContractFactor& f) const;
  LevelColumn of_class() const;

  const ContractInput& input_;
  std::uint32_t unit_count_;
  std::vector<std::uint32_t> image_rows_, object_rows_, image_units_, object_units_, place_of_image_;
  std::map<std::string, LevelColumn, std::less<>> columns_, object_columns_;
};

}  // namespace vetset
