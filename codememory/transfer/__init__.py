"""Move what is remembered between stores: written as lines of JSON, merged by globally unique ids."""
