"""The measurements behind `blazz bench`: each beside its floor or peer, taken in the same run."""
