package realign

import "math/bits"

// table numbers keys. It is a hash table with open addressing that is emptied
// by counting its epochs up.
type table struct {
	slots []slot
	epoch uint32
	n     int // keys in it, numbered from 0
}

type slot struct {
	key   uint64
	epoch uint32
	id    int32
}

// begin empties the table and makes room for so many keys.
func (t *table) begin(keys int) {
	if size := 1 << bits.Len(uint(2*keys)); len(t.slots) < size {
		t.slots, t.epoch = make([]slot, size), 0
	}
	if t.epoch++; t.epoch == 0 {
		clear(t.slots)
		t.epoch = 1
	}
	t.n = 0
}

// place is the slot of a key: its own, or the free one where it belongs.
func (t *table) place(key uint64) *slot {
	mask := uint64(len(t.slots) - 1)
	for i := key * 0x9e3779b97f4a7c15 >> 20; ; i++ {
		if s := &t.slots[i&mask]; s.epoch != t.epoch || s.key == key {
			return s
		}
	}
}

// number is the number of a key, which is added if it is new.
func (t *table) number(key uint64) int32 {
	s := t.place(key)
	if s.epoch != t.epoch {
		*s = slot{key, t.epoch, int32(t.n)}
		t.n++
	}
	return s.id
}

// find is the number of a key, -1 where it has none.
func (t *table) find(key uint64) int32 {
	if s := t.place(key); s.epoch == t.epoch {
		return s.id
	}
	return -1
}
