// What is known at one point of a program: for each scalar whether it has a value, for each header whether it is valid.
//
// Both are the same question, asked of numbered slots (places.h): is it bad on some way to here, is it good on some way
// to here? Bad and not good is certain; bad and good is "maybe". A maybe under a condition is excused: the condition
// may well be what tells the ways apart (`if (is_ipv4) x = 1; ... if (is_ipv4) y = x;`), and nobody is helped by a
// guess. When the branches meet again the excuse ends.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace p4bpf::warnings {

class Facts {
 public:
  bool is_bad(std::uint32_t slot) const { return test(slot, kBad); }
  bool is_good(std::uint32_t slot) const { return test(slot, kGood); }
  bool is_excused(std::uint32_t slot) const { return test(slot, kExcused); }

  void set(std::uint32_t slot, bool bad, bool good) {
    grow(slot / 64 + 1);
    put(slot, kBad, bad);
    put(slot, kGood, good);
    put(slot, kExcused, false);
  }
  /// Slot `to` of these facts becomes slot `from` of `other`.
  void copy(std::uint32_t to, const Facts& other, std::uint32_t from) {
    const bool excused = other.is_excused(from);
    set(to, other.is_bad(from), other.is_good(from));
    put(to, kExcused, excused);
  }

  /// Two ways meet. Whether something is less certain than before.
  bool join(const Facts& other) {
    grow(other.count());
    bool changed = false;
    for (std::size_t i = 0; i < count(); ++i) {
      std::uint64_t* mine = &words_[3 * i];
      const std::uint64_t none[3] = {0, 0, 0};
      const std::uint64_t* theirs = i < other.count() ? &other.words_[3 * i] : none;
      // A slot that one side does not know is the other's.
      const std::uint64_t unknown = ~(theirs[kBad] | theirs[kGood]);
      const std::uint64_t new_here = ~(mine[kBad] | mine[kGood]);
      const std::uint64_t excused = (mine[kExcused] & (theirs[kExcused] | unknown)) | (theirs[kExcused] & new_here);
      changed |= (theirs[kBad] & ~mine[kBad]) != 0 || (theirs[kGood] & ~mine[kGood]) != 0 || excused != mine[kExcused];
      mine[kBad] |= theirs[kBad];
      mine[kGood] |= theirs[kGood];
      mine[kExcused] = excused;
    }
    return changed;
  }

  /// Under a condition: every maybe of this moment is excused.
  void excuse() {
    for (std::size_t i = 0; i < count(); ++i) words_[3 * i + kExcused] |= words_[3 * i + kBad] & words_[3 * i + kGood];
  }
  /// Behind the condition: a maybe that was one `before` is excused where it was then.
  void end_excuse(const Facts& before) {
    for (std::size_t i = 0; i < std::min(count(), before.count()); ++i) {
      const std::uint64_t* was = &before.words_[3 * i];
      words_[3 * i + kExcused] &= ~(was[kBad] & was[kGood] & ~was[kExcused]);
      words_[3 * i + kExcused] |= was[kExcused] & words_[3 * i + kBad] & words_[3 * i + kGood];
    }
  }
  /// Excuses what is a maybe now and was certain `before`.
  void excuse_new(const Facts& before) {
    for (std::size_t i = 0; i < count(); ++i) {
      const std::uint64_t was = i < before.count() ? before.words_[3 * i + kBad] & before.words_[3 * i + kGood] : 0;
      words_[3 * i + kExcused] |= words_[3 * i + kBad] & words_[3 * i + kGood] & ~was;
    }
  }
  /// Forgets the slots from `end` on.
  void truncate(std::uint32_t end) {
    if (count() > end / 64 + 1) words_.resize(3 * (end / 64 + 1));
  }
  std::size_t count() const { return words_.size() / 3; }

 private:
  enum Plane { kBad = 0, kGood = 1, kExcused = 2 };
  bool test(std::uint32_t slot, Plane plane) const {
    return slot / 64 < count() && ((words_[3 * (slot / 64) + plane] >> (slot % 64)) & 1) != 0;
  }
  void put(std::uint32_t slot, Plane plane, bool value) {
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    std::uint64_t& word = words_[3 * (slot / 64) + plane];
    word = value ? word | bit : word & ~bit;
  }
  void grow(std::size_t words) {
    if (words_.size() < 3 * words) words_.resize(3 * words);
  }

  std::vector<std::uint64_t> words_;  // for 64 slots three words: bad, good, excused
};

struct State {
  Facts values;         // bad: has no value
  Facts validity;       // bad: invalid
  bool is_dead = true;  // no way leads here

  static State entry() {
    State state;
    state.is_dead = false;
    return state;
  }
  void excuse() { values.excuse(), validity.excuse(); }
  void end_excuse(const State& before) { values.end_excuse(before.values), validity.end_excuse(before.validity); }
};

/// `from` leads to `to` as well. Whether that changes what is known there.
inline bool join(State& to, const State& from) {
  if (from.is_dead) return false;
  if (to.is_dead) {
    to = from;
    return true;
  }
  const bool values = to.values.join(from.values);
  const bool validity = to.validity.join(from.validity);
  return values || validity;
}

}  // namespace p4bpf::warnings
