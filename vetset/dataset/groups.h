// What makes images belong together, by keys that a user named: patient, site, sequence. For LEA311.
#pragma once

#include <string>
#include <vector>

namespace vetset {

struct Groups {
  struct Key {
    std::string name;             // as it was typed: "attribute:patient"
    std::vector<std::string> of;  // by image; empty where the image has none, or one that says nothing
  };
  std::vector<Key> keys;
};

}  // namespace vetset
