package realign

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

// begin empties the table, which then has room for some keys at least.
func (t *table) begin() {
	if len(t.slots) == 0 {
		t.slots = make([]slot, 1<<12)
	}
	if t.epoch++; t.epoch == 0 {
		clear(t.slots)
		t.epoch = 1
	}
	t.n = 0
}

// grow doubles the room.
func (t *table) grow() {
	old, epoch := t.slots, t.epoch
	t.slots, t.epoch = make([]slot, 2*len(old)), 1
	for _, s := range old {
		if s.epoch == epoch {
			*t.place(s.key) = slot{s.key, 1, s.id}
		}
	}
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
		if t.n++; 2*t.n > len(t.slots) {
			t.grow()
		}
		return int32(t.n) - 1
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
