// Walks the YAML of a contract: keys that are known, values of the kind that is asked for, errors with their place. For
// contract_parse*.cpp.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/base/yaml.h"
#include "vetset/dataset/contract.h"

namespace vetset {

class ContractReader {
 public:
  explicit ContractReader(std::string_view file) { contract_.file = file; }
  Result<Contract> read(const Yaml& root);

 private:
  using Take = std::function<Result<void>(const Yaml&)>;
  using Keys = std::vector<std::pair<std::string, Take>>;

  // contract_reader.cpp
  Error at(const Yaml& value, std::string what) const;
  Result<void> each(const Yaml& mapping, std::string_view where, const Keys& keys) const;
  Result<void> text(const Yaml& value, std::string_view key, std::string& out) const;
  Result<void> truth(const Yaml& value, std::string_view key, bool& out) const;
  Result<void> words(const Yaml& value, std::string_view key, std::vector<std::string>& out) const;
  Result<void> word_or_words(const Yaml& value, std::string_view key, std::vector<std::string>& out) const;
  Result<void> number(const Yaml& value, std::string_view key, double least, double most, double& out) const;
  Result<void> share(const Yaml& value, std::string_view key, std::optional<double>& out) const;
  Result<void> severity(const Yaml& value, std::optional<Severity>& out) const;
  Take texts(std::string_view key, std::string& out) const;
  Take shares(std::string_view key, std::optional<double>& out) const;
  Take counts(std::string_view key, double& out) const;

  // contract_parse.cpp
  Result<void> factors(const Yaml& mapping);
  Result<void> factor(const Yaml& name, const Yaml& value);
  Result<void> bins(const Yaml& value, ContractFactor& f) const;
  Result<void> interval(const Yaml& value, std::uint32_t level, ContractFactor& f) const;
  Result<void> whole(const Yaml& value, ContractFactor& f) const;
  Result<void> unknowns(const Yaml& value, ContractFactor& f) const;
  Result<void> constraints(const Yaml& list);
  Result<void> check_constraints(const Yaml& list) const;
  Result<void> waivers(const Yaml& list);
  Result<void> severities(const Yaml& mapping);
  Result<void> level_of(const Yaml& value, std::string_view factor, std::string_view level) const;

  // contract_parse_clauses.cpp
  Result<void> coverage(const Yaml& list);
  Result<void> clause(const Yaml& word, const Yaml& value);
  Result<void> factor_names(const Yaml& value, Clause& c) const;
  Result<void> known_factor(const Yaml& value, std::string_view name) const;
  Result<void> split(const Yaml& mapping);
  Result<void> embedding(const Yaml& value, Clause& c) const;

  // contract_parse_rules.cpp
  Result<void> labels(const Yaml& list);
  Result<void> label(const Yaml& word, const Yaml& value);
  Result<void> rules(const Yaml& list);
  Result<void> condition(const Yaml& place, const std::string& text, Clause& c) const;

  Contract contract_;
};

}  // namespace vetset
