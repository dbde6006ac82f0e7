"""What neighbours can do: skills by category, in both languages, with other words for them.

Codes are stored and never change.  The words are ours; a new skill is a new line here.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Category:
    """A group of skills."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Skill:
    """Something a neighbour can do, and what people call it."""

    code: str
    category: str
    zh: str
    en: str
    synonyms: tuple[str, ...]


# Category, then its skills: code | Chinese | English | other words, separated by spaces or slashes.
_SOURCE: Final = """
# craft | 手工 | Crafts
sachet | 手工香囊 | Sachets | 香包/荷包/sewing scented bags
paper_cutting | 剪纸 | Paper cutting | 窗花/刻纸
knitting | 编织 | Knitting | 毛线/钩针/织毛衣/crochet
sewing | 缝纫 | Sewing | 裁缝/改衣/缝补/tailoring/mending
flower_arranging | 插花 | Flower arranging | 花艺/ikebana
pottery | 陶艺 | Pottery | 陶瓷/ceramics
lantern_making | 扎灯彩 | Lantern making | 灯笼/花灯
woodwork | 木工 | Woodwork | 木匠/carpentry
# art | 书画摄影 | Pictures and writing
calligraphy | 书法 | Calligraphy | 毛笔字/写春联/硬笔/brush writing
chinese_painting | 国画 | Chinese painting | 水墨画/ink painting
drawing | 素描绘画 | Drawing | 画画/水彩/sketching/watercolour
phone_photography | 手机摄影 | Phone photography | 拍照/手机拍照/photos
photography | 摄影 | Photography | 相机/照相/camera
video_editing | 视频剪辑 | Video editing | 短视频/剪视频/vlog
seal_carving | 篆刻 | Seal carving | 刻章/印章
# music | 音乐舞蹈 | Music and dance
folk_dance | 民族舞蹈 | Folk dance | 民族舞/跳舞
square_dance | 广场舞 | Square dancing | 健身舞/跳舞
ballroom | 交谊舞 | Ballroom dance | 国标/跳舞
choir | 合唱 | Choir | 唱歌/声乐/singing
shanghai_opera | 沪剧 | Shanghai opera | 申曲/唱戏/opera
yue_opera | 越剧 | Yue opera | 唱戏/opera
erhu | 二胡 | Erhu | 胡琴/拉琴
piano | 钢琴 | Piano | 弹琴/电子琴/keyboard
guzheng | 古筝 | Guzheng | 弹琴/zither
harmonica | 口琴 | Harmonica | 吹口琴
storytelling | 讲故事 | Storytelling | 评弹/说书/朗诵/reading aloud
# sport | 运动健身 | Sport and exercise
tai_chi | 太极拳 | Tai chi | 太极/打拳/taiji
baduanjin | 八段锦 | Baduanjin | 气功/养生操/qigong
table_tennis | 乒乓球 | Table tennis | 乒乓/打球/ping pong
badminton | 羽毛球 | Badminton | 打球
basketball | 篮球 | Basketball | 打球
swimming | 游泳 | Swimming | 水性
yoga | 瑜伽 | Yoga | 拉伸/stretching
cycling | 骑行 | Cycling | 自行车/bicycle
hiking | 健步走 | Walking | 徒步/散步/hiking
chess | 象棋 | Chinese chess | 中国象棋/下棋/xiangqi
go_game | 围棋 | Go | 下棋/weiqi
# care | 健康照护 | Health and care
blood_pressure | 量血压 | Blood pressure checks | 测血压/血糖/nurse
first_aid | 急救 | First aid | 心肺复苏/AED/CPR/救护
nursing | 护理 | Nursing | 照护/护士/elder care
massage | 推拿 | Massage | 按摩/穴位
tcm_advice | 中医养生 | Chinese medicine | 中医/食疗/herbal
counselling | 心理疏导 | Listening and counselling | 心理/倾听/聊天/psychology
companionship | 陪伴聊天 | Keeping company | 陪聊/看望老人/visiting
haircut | 理发 | Haircuts | 剪头发/剃头/barber
# repair | 修理便民 | Repairs
appliance_repair | 家电维修 | Appliance repair | 修家电/修电器/修空调/修电视
electric | 电工 | Electrical work | 修电灯/换灯泡/电路/wiring
plumbing | 水管维修 | Plumbing | 修水管/通下水道/水电工/pipes
bicycle_repair | 修自行车 | Bicycle repair | 修车/补胎
knife_grinding | 磨刀 | Knife grinding | 磨剪刀/sharpening
umbrella_repair | 修伞 | Umbrella repair | 修雨伞
moving_help | 搬东西 | Lifting and moving | 搬家/拎东西/carrying
# digital | 数码智能 | Phones and computers
smartphone_help | 智能手机教学 | Help with phones | 用手机/微信/手机课/WeChat
computer | 电脑 | Computers | 计算机/办公软件/修电脑/Word/Excel
online_booking | 网上挂号缴费 | Booking online | 挂号/打车/随申办/健康云
design | 平面设计 | Graphic design | 海报/美工/poster
programming | 编程 | Programming | 写代码/少儿编程/coding
# learning | 教育语言 | Learning and languages
english | 英语 | English | 外语/口语
japanese | 日语 | Japanese | 外语/日文
shanghainese | 沪语 | Shanghainese | 上海话/方言/dialect
homework | 课业辅导 | Homework help | 辅导作业/补习/数学/tutoring
reading_club | 读书会 | Reading club | 阅读/看书/books
local_history | 社区历史 | Local history | 老故事/文史/村史
science | 科普 | Popular science | 实验/天文/experiments
childcare | 带孩子 | Childcare | 托管/早教/亲子/babysitting
# food | 厨艺美食 | Food
dumplings | 包馄饨 | Wontons and dumplings | 包饺子/馄饨/点心/dim sum
local_cooking | 本帮菜 | Shanghai cooking | 烧菜/做饭/厨师/cooking
baking | 烘焙 | Baking | 蛋糕/面包/西点/cake
rice_cakes | 做青团糕点 | Rice cakes | 青团/粽子/糕团/zongzi
tea | 茶艺 | Tea | 泡茶/品茶
# green | 绿化环保 | Plants and environment
gardening | 绿化种植 | Gardening | 养花/种花/园艺/plants
vegetable_growing | 阳台种菜 | Growing vegetables | 种菜/urban farming
recycling | 垃圾分类 | Sorting rubbish | 分类/回收/recycling
upcycling | 旧物改造 | Making new from old | 废品再利用/环保手工/upcycle
composting | 堆肥 | Composting | 厨余/环保酵素
pet_care | 宠物照看 | Pet care | 养狗/养猫/遛狗/pets
# civic | 议事公益 | Neighbourly affairs
mediation | 调解 | Mediation | 劝和/老娘舅/纠纷
legal_advice | 法律咨询 | Legal advice | 律师/普法/law
policy_talks | 政策宣讲 | Explaining policies | 宣讲/演讲/public speaking
lift_advice | 加装电梯经验 | Advice on adding lifts | 加梯/装电梯/elevator
event_hosting | 活动策划主持 | Planning and hosting | 主持/策划/MC
patrol | 平安巡逻 | Patrols | 巡楼/治安/消防/fire safety
writing | 写作 | Writing | 写稿/通讯/公众号/newsletter
accounting | 财务记账 | Bookkeeping | 会计/报税/finance
translation | 翻译 | Translation | 口译/笔译/interpreting
"""


def _read(source: str) -> tuple[tuple[Category, ...], tuple[Skill, ...]]:
    categories, skills = [], []
    for line in source.strip().splitlines():
        parts = [part.strip() for part in line.removeprefix("# ").split("|")]
        if line.startswith("#"):
            categories.append(Category(*parts))
        else:
            words = tuple(word.strip() for word in parts[3].split("/"))
            skills.append(Skill(parts[0], categories[-1].code, parts[1], parts[2], words))
    return tuple(categories), tuple(skills)


_READ: Final = _read(_SOURCE)
CATEGORIES: Final = _READ[0]
SKILLS: Final = _READ[1]
SKILL_BY_CODE: Final = {skill.code: skill for skill in SKILLS}
CATEGORY_BY_CODE: Final = {category.code: category for category in CATEGORIES}


def skills_in(category: str) -> tuple[str, ...]:
    """The codes of a category, in the order of the list; none for an unknown one."""
    return tuple(skill.code for skill in SKILLS if skill.category == category)
