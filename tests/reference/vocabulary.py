"""The words of the contract, and their order."""
import datetime

REGIONS = ['head', 'face', 'jaw', 'neck', 'shoulder', 'upper_arm', 'elbow', 'forearm', 'wrist_hand', 'chest',
           'breast', 'upper_back', 'mid_back', 'lower_back', 'abdomen', 'pelvis', 'buttock', 'hip', 'thigh', 'knee',
           'calf', 'ankle_foot', 'whole_body']
REGION_RANK = {r: i for i, r in enumerate(REGIONS)}
SIDES = ['left', 'right', 'both', 'midline']
GOALS = ['pain_relief', 'relaxation', 'stress', 'sleep', 'mobility', 'posture', 'recovery', 'wellbeing']
SEXES = ['female', 'male', 'other', 'unknown']
ONSETS = ['sudden', 'gradual']
CAUSES = ['strain', 'posture', 'overuse', 'trauma', 'stress', 'unknown']
REACTIONS = ['none', 'soreness', 'bruising', 'dizziness', 'worse', 'neurological']
STATES = ['present', 'absent', 'unknown']
PRESSURES = {'very_light': 1, 'light': 2, 'medium': 3, 'firm': 4, 'deep': 5}
CLINICIANS = ['physician', 'surgeon', 'oncology', 'cardiology', 'haematology', 'obstetric']
ROLES = CLINICIANS + ['guardian']
PERSON_ATTRIBUTES = ['controlled', 'gestation_weeks', 'stage', 'systolic', 'diastolic', 'platelets']
ATTRIBUTES = ['date', 'region', 'side', 'severity', 'controlled', 'gestation_weeks', 'stage', 'grade', 'systolic',
              'diastolic', 'platelets']
FINDING_MEMBERS = ['id', 'system', 'code', 'state', 'since'] + ATTRIBUTES
FINDING_LISTS = [('symptoms',), ('history', 'conditions'), ('history', 'medications'), ('history', 'procedures'),
                 ('history', 'injuries')]

# mildest first: the later one is the graver
DISPOSITIONS = ['proceed', 'proceed_modified', 'needs_answers', 'clearance_required', 'do_not_treat',
                'refer_urgently', 'emergency']
VERDICTS = ['allowed', 'modified', 'needs_answers', 'clearance_required', 'not_allowed']
SEVERITIES = ['caution', 'modify', 'clearance', 'absolute', 'urgent', 'emergency']
D = {d: i for i, d in enumerate(DISPOSITIONS)}
V = {v: i for i, v in enumerate(VERDICTS)}
SEV = {s: i for i, s in enumerate(SEVERITIES)}

# S10: the kinds that may hold for a part only; every other kind is for the session
PART_KINDS = ['max_pressure', 'no_heat', 'no_stretch', 'no_oil', 'no_thrust', 'no_joint_mobilisation',
              'no_vibration', 'no_skin_friction', 'plain_oil_only']
TAKES_TRAIT = {'no_heat': 'heat', 'no_stretch': 'stretch', 'no_vibration': 'vibration',
               'no_skin_friction': 'skin_friction', 'no_thrust': 'thrust',
               'no_joint_mobilisation': 'joint_mobilisation', 'no_scent': 'scent', 'no_oil': 'oil'}
VALUE_KINDS = ['position', 'avoid_area', 'hygiene', 'therapist_trained']


def by_region(regions):
    return sorted(set(regions), key=lambda r: REGION_RANK[r])


def day(text):
    return datetime.date.fromisoformat(text)
